namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>Sections that are no programs: said to be replaced, or not carried over. None is passed over in silence.</summary>
internal static class OtherSections
{
    private const string OwnFactory = "supervisor.rpcinterface:make_main_rpcinterface";

    internal static void Report(IniSection section, ImportReport report)
    {
        var kind = section.Name.Split(':')[0];
        switch (kind)
        {
            case "supervisord" or "include" or "DEFAULT" or "program" or "group":
                break;
            case "supervisorctl":
                report.Note(section.Origin,
                    "is about supervisorctl itself: 'supervisorctl -s unix:///run/ha-agent/supervisor.sock' talks to the agent (--supervisor-socket)");
                break;
            case "unix_http_server":
                UnixServer(section, report);
                break;
            case "inet_http_server":
                InternetServer(section, report);
                break;
            case "rpcinterface" when section.Find("supervisor.rpcinterface_factory")?.Value == OwnFactory:
                report.Note(section.Origin, "the agent serves this interface to supervisorctl by itself (--supervisor-socket)");
                break;
            case "rpcinterface" or "ctlplugin":
                report.Lose(section.Origin, "extensions of Supervisor cannot be loaded");
                break;
            case "eventlistener":
                report.Lose(section.Origin,
                    $"there are no event listeners ({Options(section)}): hooks are told of a change of owner, 'hactl events --follow' of everything");
                break;
            case "fcgi-program":
                report.Lose(section.Origin,
                    $"no socket is opened for a program ({Options(section)}): let it open its own, and import it as [program:…]");
                break;
            default:
                report.Note(section.Origin, "is no section of Supervisor, which ignores it");
                break;
        }
    }

    private static void UnixServer(IniSection section, ImportReport report)
    {
        foreach (var option in section.Options)
        {
            switch (option.Name)
            {
                case "file":
                    report.Note(option.Origin, $"start the agent with --supervisor-socket {option.Value}, and supervisorctl finds it there");
                    break;
                case "chmod" when option.Value.Trim().TrimStart('0') == "700":
                    break;
                case "username" or "password":
                    report.Lose(option.Origin, "the agent's socket asks for no login: only its own user can open it");
                    break;
                default:
                    report.Lose(option.Origin, $"{option.Value}: the agent's socket is its own user's, mode 0700");
                    break;
            }
        }
    }

    private static void InternetServer(IniSection section, ImportReport report)
    {
        foreach (var option in section.Options)
        {
            switch (option.Name)
            {
                case "port" when option.Value.StartsWith("127.", StringComparison.Ordinal)
                    || option.Value.StartsWith("localhost:", StringComparison.Ordinal):
                    var address = option.Value.Replace("localhost", "127.0.0.1", StringComparison.Ordinal);
                    report.Note(option.Origin, $"start the agent with --supervisor-http {address}, and supervisorctl finds it there");
                    break;
                case "port":
                    report.Lose(option.Origin,
                        $"{option.Value}: the agent serves Supervisor's protocol on the host itself only (--supervisor-http); from elsewhere use hactl");
                    break;
                case "username" or "password":
                    report.Note(option.Origin, "is not written down again: the login is a file of the agent (--supervisor-login)");
                    break;
                default:
                    report.Note(option.Origin, "is no option of Supervisor, which ignores it");
                    break;
            }
        }
    }

    // Values may be secrets, and the manifest shows this.
    private static string Options(IniSection section) => string.Join(", ", section.Options.Select(option => option.Name));
}
