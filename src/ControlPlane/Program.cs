using HaGrpc.ControlPlane;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Options;

const int badConfiguration = 2;
const int failed = 1;

if (args is ["init", .. var rest])
    return InitCommand.Run(rest, Console.Out, Console.Error, TimeProvider.System);
var line = CommandLine.Parse(args);
if (line.Help)
{
    Console.WriteLine(CommandLine.HelpText);
    return 0;
}
try
{
    await using var app = ControlPlaneApp.Build(line);
    using var impatience = new SecondSignal();
    // Its listeners are open; whether it leads, and whether its database is there, /readyz says, and it waits for both.
    app.Lifetime.ApplicationStarted.Register(() => Tell(SystemdService.Ready));
    app.Lifetime.ApplicationStopping.Register(() => Tell(SystemdService.Stopping));
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (OptionsValidationException e)
{
    foreach (var failure in e.Failures)
        Console.Error.WriteLine($"ha-controlplane: {failure}");
    return badConfiguration;
}
catch (StorageException e)
{
    Console.Error.WriteLine($"ha-controlplane: {e.Message}");
    return badConfiguration;
}
catch (IOException e) // Kestrel's message names the address.
{
    Console.Error.WriteLine($"ha-controlplane: {e.Message}");
    return failed;
}

static void Tell(string state)
{
    if (SystemdService.Tell(state) is { Length: > 0 } untold)
        Console.Error.WriteLine($"ha-controlplane: {untold}");
}
