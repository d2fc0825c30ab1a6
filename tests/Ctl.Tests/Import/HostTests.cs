using System.Text;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>A whole host as one finds it: a pair that runs its own programs and keeps copies of the other's, with scripts and lists between them, in GBK and UTF-8.</summary>
public sealed class HostTests
{
    private const string Program = "directory=/srv/{0}\ncommand=java -jar /srv/{0}/{0}.jar\nstartsecs=5       \nautostart=false    \nautorestart=true\npriority=444 \npriority=999\nstdout_logfile=NONE\n";

    [Fact]
    public void Addresses_and_programs_of_both_hosts_become_groups()
    {
        using var files = Host();
        var run = files.ImportHost();
        run.Groups.Select(group => group.Name).ShouldBe(["VI_140", "programs-of-10.9.0.131"]);
        run.Groups[0].Members.ShouldBe([new("a", 120), new("10.9.0.131", 80)]);
        run.Groups[0].Failback.Mode.ShouldBe(FailbackMode.Manual);
        run.Groups[0].Vips.ShouldBe([new("10.9.0.112/24", "bond0", "bond0:vip")]);
        run.Groups[0].Hooks.ShouldHaveSingleItem().Command.ShouldBe(["/etc/keepalived/scripts/run_all.sh"]);
        run.Groups[1].Members.ShouldBe([new("10.9.0.131", 120), new("a", 80)]);
        run.Programs.Select(program => program.Name.ToString()).ShouldBe([
            "VI_140:Mine", "VI_140:Shared", "VI_140:card", "programs-of-10.9.0.131:Shared", "programs-of-10.9.0.131:Theirs",
        ]);
        var mine = run.Programs[0];
        (mine.User, mine.Umask, mine.Autostart, mine.Priority, mine.StderrLogfile)
            .ShouldBe(("apps", "022", false, 999, "/var/log/sup/Mine-stderr.log"));
        run.Programs[2].Command.ShouldBe("java -jar card.jar");
        run.Text.ShouldContain("# 程序信息卡\n");
    }

    [Fact]
    public void What_waits_for_something_is_listed_with_file_and_line()
    {
        using var files = Host();
        var run = files.ImportHost();
        run.Lost.ShouldContain("rsync/rsync_exclude.txt:4: cache[0-9]: must not contain [, ] or \\: only * and ? stand for other characters");
        run.Lost.ShouldContain("rsync/rsync_iplist.ini:1: G_MOVE_IP: other-host: got copies, and is no member of the group by this name: if it is another host, it is not compared");
        run.Lost.ShouldContain(line => line.StartsWith("supervisor/G_Move_conf.d/Shared.conf:1: [program:Shared]: stands also at ", StringComparison.Ordinal));
        run.Lost.ShouldContain(line => line.StartsWith("supervisor/G_Move_conf.d: the addresses of the peer", StringComparison.Ordinal));
        run.Notes.ShouldContain("keepalived/state.txt: was not read: no configuration that is known");
        run.Notes.ShouldContain(line => line.StartsWith("keepalived/scripts.ini:2: G_MOVE_IP: the other host is called by its address", StringComparison.Ordinal));
    }

    [Fact]
    public void Lists_of_what_was_synchronized_become_a_directory_of_the_hosts_group()
    {
        using var files = Host();
        var run = files.ImportHost();
        var directory = run.Groups[0].Directories.ShouldHaveSingleItem();
        directory.Path.ShouldBe("/srv");
        directory.Exclude.ShouldBe(["/cache", "/Mine/state", "*.swp", "*.log", "logs/", "Mine/state"]);
        run.Groups[1].Directories.ShouldBeEmpty();
        run.Notes.ShouldContain("rsync/no_inotify.list:1: /srv: all of these lie in it, and 3 of 3 programs of the group run there, so it is taken for the tree that was copied");
        run.Notes.ShouldContain("rsync/no_inotify.list:1: @/srv/cache: was not watched, so it is not compared: take it out of exclude if rsync copied it all the same");
        run.Notes.ShouldContain("rsync/rsync_exclude.txt:5: *.log: stands also at rsync/rsync_exclude.txt:2");
        run.Notes.ShouldContain("rsync/rsync_exclude.txt:3: */logs/*: is written logs/, every directory of that name with all that is in it");
        run.Notes.ShouldContain("rsync/rsync_iplist.ini:1: G_MOVE_IP: 10.9.0.131: got copies, and is a member that is compared");
    }

    [Fact]
    public void Directories_that_a_list_names_are_compared_one_by_one()
    {
        using var files = Host();
        files.Write("rsync/no_inotify.list", "/srv/app/\n@/srv/app/tmp\n/etc/app\n/srv/app/conf\nbelow\n");
        files.Write("rsync/rsync_exclude.txt", "; what is not copied\n- *.tmp\n+ keep.log\n");
        var run = files.ImportHost();
        run.Groups[0].Directories.Select(directory => (directory.Path, string.Join(' ', directory.Exclude)))
            .ShouldBe([("/srv/app", "/tmp *.tmp"), ("/etc/app", "*.tmp")]);
        run.Notes.ShouldContain("rsync/no_inotify.list:4: /srv/app/conf: is compared with /srv/app, in which it lies");
        run.Lost.ShouldContain("rsync/no_inotify.list:5: below: lies in a directory that the list does not name");
        run.Lost.ShouldContain("rsync/rsync_exclude.txt:3: + keep.log: a directory's exclude says only what is left out: rsync took this in before");
    }

    [Fact]
    public void Without_a_directory_that_holds_them_lists_are_listed()
    {
        using var files = Host();
        files.Write("rsync/no_inotify.list", "@/srv/cache\n@/var/tmp\n");
        var run = files.ImportHost();
        run.Groups[0].Directories.ShouldBeEmpty();
        run.Lost.ShouldContain("rsync/no_inotify.list:2: @/var/tmp: was not watched, and no list says in which directory that was copied it lies");
        run.Lost.ShouldContain("rsync/rsync_exclude.txt:1: *.swp: no list says in which directory");
    }

    /// <summary>Every line of every file has become something, or stands in the report with its number. HAGRPC_LEGACY_HOST names the copy of
    /// another host to be looked through in the same way.</summary>
    [Fact]
    public void Every_line_is_carried_over_or_reported()
    {
        using var files = Host();
        var own = Environment.GetEnvironmentVariable("HAGRPC_LEGACY_HOST");
        var review = new LineReview(own ?? files.Root);
        review.Unaccounted().ShouldBeEmpty();
        review.Lines.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void A_peer_that_is_named_is_the_peer()
    {
        using var files = Host();
        var run = files.ImportHost(ImportedFiles.Pair with { Peers = [new("b", 90)] });
        run.Groups[0].Members.ShouldBe([new("a", 120), new("b", 90)]);
        run.Groups[1].Name.ShouldBe("programs-of-b");
        run.Manifest!.Request.Hosts.Select(host => host.Name).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void With_an_instance_for_each_host_the_peers_programs_go_to_the_peers()
    {
        using var files = Host();
        files.Write("keepalived/keepalived.conf", """
            vrrp_instance VI_131 { interface bond0
              priority 80
              virtual_ipaddress { 10.9.0.131 } }
            vrrp_instance VI_140 { interface bond0
              priority 120
              virtual_ipaddress { 10.9.0.140 } }
            """);
        var run = files.ImportHost();
        run.Groups.Select(group => group.Name).ShouldBe(["VI_140", "VI_131"]);
        run.Programs.Where(program => program.Name.Group == "VI_131").Select(program => program.Name.Name).ShouldBe(["Shared", "Theirs"]);
        run.Groups[1].Members.ShouldBe([new("a", 80), new("10.9.0.131", 120)]);
    }

    [Fact]
    public void A_copy_of_the_whole_tree_is_read_as_well_as_one_of_etc()
    {
        using var files = new ImportedFiles();
        files.Write("etc/supervisor/supervisord.conf", "[include]\nfiles=/etc/supervisor/conf.d/*.conf\n");
        files.Write("etc/supervisor/conf.d/p.conf", "[program:p]\ncommand=%(here)s/p\nstdout_logfile=NONE\nstderr_logfile=NONE\n");
        var run = files.ImportHost();
        run.Lost.ShouldBeEmpty();
        run.Program.Command.ShouldBe("/etc/supervisor/conf.d/p");
        run.Group.Name.ShouldBe("programs");
    }

    [Fact]
    public void A_directory_that_is_not_there_is_a_problem()
    {
        using var files = new ImportedFiles();
        var manifest = new HaGrpc.Ctl.Import.ImportedManifest();
        HaGrpc.Ctl.Import.Hosts.HostImport.Run(Path.Join(files.Root, "none"), ImportedFiles.Alone, manifest);
        manifest.Text(ImportedFiles.Alone, "x").ShouldBeNull();
        manifest.Report.Problems.ShouldHaveSingleItem().ShouldEndWith("none: no such directory");
    }

    private static ImportedFiles Host()
    {
        var gbk = CodePagesEncodingProvider.Instance.GetEncoding("gbk")!;
        var files = new ImportedFiles();
        files.Write("supervisor/supervisord.conf", """
            ; supervisor config file
            [supervisord]
            user=apps
            nocleanup = true
            childlogdir=/var/log/sup            ; ('AUTO' child log dir, default $TEMP)
            childlogdir = /var/log/sup
            [include]
            files=/etc/supervisor/conf.d/*.conf /etc/supervisor/G_Move_conf.d/*.conf
            """);
        files.Write("supervisor/conf.d/Mine.conf", "[program:Mine]\n" + Of("Mine"));
        files.Write("supervisor/conf.d/Shared.conf", "[program:Shared]\n" + Of("Shared"));
        files.Write("supervisor/G_Move_conf.d/Shared.conf", "[program:Shared]\n" + Of("Shared"));
        files.Write("supervisor/G_Move_conf.d/Theirs.conf", "[program:Theirs]\n" + Of("Theirs"));
        files.Write("keepalived/keepalived.conf", """
            ! Configuration File for keepalived
            vrrp_instance VI_140 {
                    state BACKUP
                    interface bond0
                    virtual_router_id 140
                    priority 120
                    nopreempt
            	virtual_ipaddress {
                            10.9.0.112/24 dev bond0 label bond0:vip
                    }
                    notify_master "/etc/keepalived/scripts/run_all.sh"
            }
            """);
        files.Write("keepalived/scripts.ini", gbk.GetBytes("#对端IP地址 必须配置 01\nG_MOVE_IP=10.9.0.131\nG_MOVE_SUP_BAK_PATH=/etc/supervisor/G_Move_conf.d\n"));
        files.Write("keepalived/state.txt", "2016年 master\n");
        files.Write("rsync/no_inotify.list", "@/srv/cache\n@/srv/Mine/state\n");
        files.Write("rsync/rsync_exclude.txt", "*.swp\n*.log\n*/logs/*\ncache[0-9]\n*.log\nMine/state\n");
        files.Write("rsync/rsync_iplist.ini", "G_MOVE_IP=other-host,10.9.0.131\n");
        files.Write("program.ini", gbk.GetBytes("#程序信息卡\nPROGRAM_NAME=card.jar\nPROGRAM_PATH=/srv/card\nPROGRAM_RUN=java -jar card.jar\n"));
        return files;
    }

    private static string Of(string name) => Program.Replace("{0}", name, StringComparison.Ordinal);
}
