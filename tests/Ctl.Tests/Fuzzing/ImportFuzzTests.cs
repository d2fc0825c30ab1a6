using System.Text;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Hosts;
using HaGrpc.Ctl.Import.Keepalived;
using HaGrpc.Ctl.Import.ProgramIni;
using HaGrpc.Ctl.Import.Supervisor;
using HaGrpc.Ctl.Tests.Import;
using HaGrpc.Ctl.Tests.Manifests;

namespace HaGrpc.Ctl.Tests.Fuzzing;

/// <summary>Whatever an old configuration is: a manifest that can be read comes out, or a reason why not.</summary>
public sealed class ImportFuzzTests
{
    private static readonly string[] Ini =
    [
        "[supervisord]\nuser=apps\nchildlogdir=/var/log\n[include]\nfiles=conf.d/*.conf\n[program:web]\ncommand=/bin/web %(program_name)s_%(process_num)02d ; c\n" +
        "numprocs=4\nprocess_name=%(program_name)s_%(process_num)02d\nenvironment=A=\"1\",B='%(ENV_HOME)s'\nstopsignal=QUIT\nexitcodes=0,2\nstdout_logfile=AUTO\n",
        "[group:all]\nprograms=web,db\npriority=5\n[program:db]\ncommand=/bin/db\n  --more\nautorestart=unexpected\numask=022\nuser=db\nredirect_stderr=true\n",
        "[fcgi-program:f]\ncommand=f\nsocket=unix:///x\n[eventlistener:e]\ncommand=e\nevents=TICK_5\nbuffer_size=10\n[inet_http_server]\nport=*:9001\n",
    ];

    private static readonly string[] IniWords =
    [
        "[", "]", "[program:", "[group:x]\n", "=", ":", ";", " ;", "#", "\n", "\r\n", "  ", "\t", "%(", ")s", "%(here)s", "%%", "%(process_num)99999999d", "%(ENV_A)s",
        "numprocs=", "999999999", "command=", "environment=", "\"", "'", ",", "A=", "\\", "files=", "**", "[!]", "[z-a]", "programs=", "AUTO", "NONE", "1KB", "-1",
    ];

    private static readonly string[] Keepalived =
    [
        "global_defs {\n router_id a\n}\n$VIP=10.0.0.1/24\nvrrp_script chk {\n script \"/bin/true\"\n interval 2\n weight -5\n}\nvrrp_instance V {\n interface eth0\n state BACKUP\n" +
        " virtual_router_id 1\n priority 100\n nopreempt\n virtual_ipaddress {\n  $VIP dev eth0 label eth0:1\n }\n track_script {\n  chk\n }\n notify_master \"/a b c\"\n}\n",
        "vrrp_sync_group G {\n group {\n  V\n  W\n }\n notify /x\n}\nvrrp_instance W {\n interface eth1\n virtual_routes {\n  10.1.0.0/16 via 10.0.0.254 dev eth1 src 10.0.0.1\n }\n}\n@a include x.conf\n",
    ];

    private static readonly string[] KeepalivedWords =
    [
        "{", "}", "\n", " ", "\\\n", "\"", "'", "#", "!", "$A=$A$A\n", "$A", "${A}", "$VIP", "include keepalived.conf\n", "include *\n", "include [!]\n", "include [z-a]\n", "@a ",
        "@^a ", "virtual_ipaddress {", "vrrp_instance ", "priority 999999999999\n", "10.0.0.1/99", "::1/64", "dev", "label", "advert_int 0.0000001\n", "track_script {",
        "notify_master", "weight 5000000000\n", "preempt_delay 99999999999\n", "vrrp_sync_group ", "~SEQ(A,1,9)",
    ];

    private static readonly string[] Card = ["#card\nPROGRAM_NAME=a.jar\nPROGRAM_PATH=/srv/a\nPROGRAM_RUN=nohup java -jar a.jar &\n#PROGRAM_INI=/x\nPROGRAM_INI=\"/y\"\n"];

    private static readonly string[] CardWords = ["PROGRAM_RUN=", "PROGRAM_NAME=", "export ", "=", "\n", "#", "\"", "'", "`", "$(", "\\", "./", "&", "nohup ", "\0", "%", "%%"];

    private static readonly string[] Lists = ["@/srv/a/cache\n@/srv/b\n*.log\n*/logs/*\n- x\n+ y\n/srv\n"];

    private static readonly string[] ListWords = ["@/", "/", "*", "**", "?", "[", "]", "\n", "- ", "+ ", "!", "..", "./", "//", "#", ";", "@/a/b/c\n", "/etc\n"];

    [Fact]
    public void Supervisors_files_are_borne() => Fuzz.Run(Ini, IniWords, input => Import(input, "supervisord.conf", (file, manifest) =>
        SupervisorImport.Run([file], ImportedFiles.Pair, manifest)));

    [Fact]
    public void Keepaliveds_files_are_borne() => Fuzz.Run(Keepalived, KeepalivedWords, input => Import(input, "keepalived.conf", (file, manifest) =>
        KeepalivedImport.Run([file], new TheirOwnPlaces(), ImportedFiles.Pair, manifest)));

    [Fact]
    public void Cards_are_borne() => Fuzz.Run(Card, CardWords, input => Import(input, "program.ini", (file, manifest) =>
        CardImport.Run([file], ImportedFiles.Alone, manifest)));

    [Fact]
    public void Lists_in_a_host_are_borne() => Fuzz.Run(Lists, ListWords, input => Host(("rsync/rsync_exclude.txt", input), ("rsync/no_inotify.list", input)));

    [Fact]
    public void Whole_hosts_are_borne() => Fuzz.Run(
        [.. Ini, .. Keepalived], [.. IniWords, .. KeepalivedWords],
        input => Host(("supervisor/supervisord.conf", input), ("keepalived/keepalived.conf", input), ("supervisor/G_Move_conf.d/x.conf", input), ("k.ini", input)));

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Small_files_that_mean_much_are_refused(string name, string file, string text)
    {
        var input = Encoding.UTF8.GetBytes(text);
        Fuzz.Bear(input, bytes => Host((file, bytes)), name);
    }

    public static TheoryData<string, string, string> Bombs => new()
    {
        { "definitions that double", "keepalived/keepalived.conf", "$A=xxxxxxxxxxxxxxxx\n" + string.Concat(Enumerable.Repeat("$A=$A$A\n", 60)) + "vrrp_instance $A { interface $A }\n" },
        { "a file that includes itself ten times", "keepalived/keepalived.conf", string.Concat(Enumerable.Repeat("include keepalived.conf\n", 10)) },
        {
            "a file full of closing braces that includes itself twice", "keepalived/keepalived.conf",
            new string('}', 2000) + "\ninclude keepalived.conf\ninclude keepalived.conf\n" + new string('}', 2000) + "\n"
        },
        { "opening braces", "keepalived/keepalived.conf", new string('{', 60_000) + "\n" },
        { "one line of many", "keepalived/keepalived.conf", string.Concat(Enumerable.Repeat("a\\\n", 400_000)) },
        { "nested blocks", "keepalived/keepalived.conf", string.Concat(Enumerable.Repeat("vrrp_instance a {\n", 100_000)) + string.Concat(Enumerable.Repeat("}\n", 100_000)) },
        { "a class of nothing", "keepalived/keepalived.conf", "include [!]\ninclude [z-a]\ninclude [\\]\n" },
        { "stars", "supervisor/supervisord.conf", "[include]\nfiles=" + string.Concat(Enumerable.Repeat("*a", 40)) + "b\n" },
        { "blanks", "supervisor/supervisord.conf", "[program:a]\nx" + new string(' ', 1_000_000) + "y\n" },
        { "comments", "supervisor/supervisord.conf", "[program:a]\n" + new string(';', 1_000_000) + "y\n" },
        { "sections", "supervisor/supervisord.conf", string.Concat(Enumerable.Range(0, 300_000).Select(i => $"[p{i}]\n")) },
        { "options", "supervisor/supervisord.conf", "[program:a]\n" + string.Concat(Enumerable.Range(0, 300_000).Select(i => $"o{i}=1\n")) },
        { "programs", "supervisor/supervisord.conf", string.Concat(Enumerable.Range(0, 30_000).Select(i => $"[program:p{i}]\ncommand=c\n")) },
        { "processes", "supervisor/supervisord.conf", "[program:a]\ncommand=c\nnumprocs=2147483647\nprocess_name=%(process_num)d\n" },
        { "digits", "supervisor/supervisord.conf", "[program:a]\ncommand=%(process_num)2147483647d\nnumprocs=2\nprocess_name=%(process_num)0999999999d\n" },
        { "settings", "program.ini", string.Concat(Enumerable.Range(0, 300_000).Select(i => $"PROGRAM_RUN{i}=1\n")) },
        { "patterns", "rsync/rsync_exclude.txt", string.Concat(Enumerable.Range(0, 300_000).Select(i => $"p{i}\n")) },
        { "paths", "rsync/no_inotify.list", string.Concat(Enumerable.Range(0, 100_000).Select(i => $"/p{i}\n@/p{i}/x\n")) },
    };

    private static void Import(byte[] input, string name, Action<string, ImportedManifest> import)
    {
        using var files = new ImportedFiles();
        var file = files.Write(name, input);
        var manifest = new ImportedManifest();
        import(file, manifest);
        CanBeRead(manifest);
    }

    private static void Host(params (string Name, byte[] Bytes)[] contents)
    {
        using var files = new ImportedFiles();
        files.Write("keepalived/keepalived.conf", "vrrp_instance V { interface eth0\n virtual_ipaddress { 10.0.0.1/24 } }\n");
        foreach (var (name, bytes) in contents)
            files.Write(name, bytes);
        var manifest = new ImportedManifest();
        HostImport.Run(files.Root, ImportedFiles.Pair, manifest);
        CanBeRead(manifest);
    }

    private static void CanBeRead(ImportedManifest manifest)
    {
        if (manifest.Text(ImportedFiles.Pair, "fuzz") is { } text)
            Read.Errors(text).ShouldBe("");
        else
            manifest.Report.Problems.ShouldNotBeEmpty();
    }
}
