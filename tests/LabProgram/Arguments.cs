namespace HaGrpc.LabProgram;

/// <summary>What the program was told, by command line and environment.</summary>
internal sealed record Arguments(string Role, string Directory, int Port, int QueuePort, string Observer)
{
    /// <summary>Host name and start of this process: distinguishes its answers from any other instance's.</summary>
    public string Instance { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    public static Arguments Parse(string[] args)
    {
        if (args.Length == 0)
            throw new ArgumentException("usage: lab-program ROLE [--dir PATH] [--port N] [--queue-port N]", nameof(args));
        var directory = ".";
        int port = 0, queuePort = 7001;
        for (var i = 1; i + 1 < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--dir": directory = args[i + 1]; break;
                case "--port": port = int.Parse(args[i + 1]); break;
                case "--queue-port": queuePort = int.Parse(args[i + 1]); break;
                default: throw new ArgumentException($"unknown option '{args[i]}'", nameof(args));
            }
        }
        return new(args[0], directory, port, queuePort, Environment.GetEnvironmentVariable("HAGRPC_LAB_OBSERVER") ?? "");
    }
}
