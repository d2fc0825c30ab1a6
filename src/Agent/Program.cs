using System.Reflection;
using System.Runtime.InteropServices;
using HaGrpc.Agent.Clients;
using HaGrpc.Agent.Compat;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Handover;
using HaGrpc.Agent.Hooks;
using HaGrpc.Agent.HostChecking;
using HaGrpc.Agent.Identity;
using HaGrpc.Agent.Logs;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Peers;
using HaGrpc.Agent.Platform;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Watchdogs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

ProcessSetup.ResetChildSignal();
var startedAt = new BootInstant(BootClock.Nanoseconds);
var version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0.0.0";
if (args is ["--version" or "version"])
{
    Console.WriteLine($"ha-agent {version}");
    return 0;
}
if (args is ["--help" or "-h"])
{
    Console.WriteLine(Setting.Usage());
    return 0;
}
if (args is ["join", .. var rest])
    return await new JoinCommand(Console.Out, Console.Error, TimeProvider.System).RunAsync(rest, Console.In);
var errors = new List<string>();
if (OptionsReader.Read(args, Environment.GetEnvironmentVariables(), errors) is not { } options)
{
    foreach (var error in errors)
        Console.Error.WriteLine($"ha-agent: {error}");
    return 2;
}

DirectoryLock held;
try
{
    Directory.CreateDirectory(options.RunDirectory);
    Directory.CreateDirectory(options.StateDirectory);
    held = DirectoryLock.Take(options.StateDirectory, "the state directory");
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
{
    Console.Error.WriteLine($"ha-agent: {e.Message}");
    return 1;
}

try
{
    return await RunAsync(options);
}
catch (Exception e)
{
    // Gate, shims and guards end every lease on time without this process; whoever started it starts it again.
    Console.Error.WriteLine($"ha-agent: {e.Message}");
    return 1;
}
finally
{
    held.Dispose();
}

async Task<int> RunAsync(AgentOptions options)
{
    var time = TimeProvider.System;
    using var log = Logging.Open(options, time);
    using var loggers = new SerilogLoggerFactory(log);
    _ = ProcessSetup.LockMemory();
    var identity = new AgentIdentity(Guid.NewGuid(), BootId.Read(), version);
    using var outbox = new Outbox(identity.Instance, time);
    var programOptions = new ProgramHostOptions
    {
        RunDirectory = options.RunDirectory,
        ShimPath = options.ShimPath,
        BootId = identity.BootId,
        HostName = options.Host,
        SupervisorUrl = options.Supervisor.Url,
    };
    await using var programs = new ProgramHost(programOptions, time, loggers.CreateLogger<ProgramHost>());
    programs.StatusChanged += outbox.Post;
    programs.Happened += (kind, program, message) => outbox.PostEvent(kind, program.Group, 0, $"{program}: {message}");
    var watch = new StateWatch();
    if (options.Supervisor.Any)
        programs.StatusChanged += watch.Take;
    var asks = new DesiredStateAsks(outbox, time);
    var wishFile = new WishFile(options.StateDirectory);
    var keptWishes = wishFile.LoadOrSay(loggers.CreateLogger<WishFile>());
    using var hooks = new HookHost(programOptions, outbox, loggers.CreateLogger<HookHost>());
    using var watchdog = WatchdogDuty.Open(options.Watchdog, outbox, () => OwnershipLoop.Now, loggers.CreateLogger<WatchdogDuty>());
    using var loop = new OwnershipLoop(
        options, identity, startedAt, programs, new GuardShim(programOptions), hooks, outbox, time, loggers.CreateLogger<OwnershipLoop>())
    {
        KeptWishes = keptWishes,
        Watchdog = watchdog,
    };
    var marks = new LogMarks(options.Host);
    loop.Promoted += (group, epoch) => marks.Take(group, epoch, loop.Programs);
    var endpoints = new Endpoints(options.Tls);
    var logs = new LogReaders(
        options.Host, identity.Instance, endpoints, outbox, () => loop.Programs, marks, loggers.CreateLogger<LogReaders>());
    await using var peers = new PeerLink(options, identity.Instance, outbox, time, new Random(identity.Instance.GetHashCode()), loggers);
    peers.Asked = loop.AskedAsync;
    peers.Answered += (from, promise) => loop.Post(new PromiseReceived(from, promise));
    loop.AskPeer = peers.Ask;
    using var rehearsals = new HostRehearsals(options.Host, loop, programs, outbox, time, new Random(identity.Instance.GetHashCode()));
    loop.Configured += rehearsals.Configured;
    var seen = new HandoverLook(options, identity.BootId, loop, programs, rehearsals, time);
    using var observed = new ObservedWatch(loop, seen.Processes, outbox, time);
    loop.Configured += observed.Configured;
    loop.ObservedPrograms = observed.Snapshot;
    var link = new ControlPlaneLink(
        options, identity, outbox, asks, logs, peers, endpoints, loop, time, new Random(identity.Instance.GetHashCode()), loggers.CreateLogger<ControlPlaneLink>())
    {
        Rehearse = rehearsals.Asked,
        Compare = rehearsals.OwnerLooked,
        CountClients = new ClientCounter(options.Host, loop, outbox).Asked,
        Look = asked => _ = Task.Run(async () => outbox.Post(await seen.AnswerAsync(asked))),
    };
    loop.RedialWanted += link.Redial;
    var fitness = new Fitness(loop.Post);
    programs.FitnessChanged += fitness.OfPrograms;
    using var checks = new HostChecks(
        programOptions, loop.Links, fitness, (group, weight) => loop.Post(new WeightChanged(group, weight)),
        (kind, group, message) => outbox.PostEvent(kind, group, 0, message), loggers.CreateLogger<HostChecks>());
    loop.Configured += () => checks.Configure(loop.Groups);
    loop.LinkChanged += checks.LinkChanged;
    watchdog?.Unfit = fitness.OfWatchdog;

    using var stop = new CancellationTokenSource();
    var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    void HandOver(PosixSignalContext context)
    {
        context.Cancel = true;
        loop.Post(new StopRequested());
        _ = SystemdService.Tell(SystemdService.Stopping);
    }
    using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, HandOver);
    using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, HandOver);
    // SIGUSR2 by number: leave everything to a successor.
    using var onUpgrade = PosixSignalRegistration.Create((PosixSignal)12, context =>
    {
        context.Cancel = true;
        leave.TrySetResult();
    });

    loop.Start();
    peers.Start();
    var linked = link.RunAsync(stop.Token);
    var wishes = new Wishes(wishFile, keptWishes, loop, asks, time, loggers.CreateLogger<Wishes>());
    var sent = wishes.RunAsync(stop.Token);
    var rehearsed = rehearsals.RunAsync(stop.Token);
    var watched = observed.RunAsync(stop.Token);
    var rested = RestingMemory.OfProcess().RunAsync(time, stop.Token);
    var renewed = options.Identity is { } joined
        ? new CertificateRenewal(joined, endpoints, options.ControlPlane, time, loggers.CreateLogger<CertificateRenewal>()).RunAsync(stop.Token)
        : Task.CompletedTask;
    await using var supervisor = await SupervisorService.StartAsync(options, version, loop, programs, watch, asks, wishes, time, loggers);
    try
    {
        // With or without a control plane: what this host owns it goes on with, also when none can be reached.
        await Task.WhenAny(loop.Begun, loop.Exited, leave.Task);
        if (loop.Begun.IsCompletedSuccessfully && SystemdService.Tell(SystemdService.Ready) is { Length: > 0 } untold)
            Console.Error.WriteLine($"ha-agent: {untold}");
        await await Task.WhenAny(loop.Exited, leave.Task);
        loop.NoteOrderlyEnd();
        // What programs said at their end is still on its way to whoever reads along.
        using (var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300), time))
            await logs.FinishAsync(limit.Token);
        outbox.Close();
        // The last Released and heartbeat go out when there is a stream; without one nobody waits for them.
        await Task.WhenAny(linked, Task.Delay(TimeSpan.FromMilliseconds(300), time));
    }
    finally
    {
        await stop.CancelAsync();
        await sent;
        await rehearsed;
        await watched;
        await rested;
        await renewed;
    }
    return 0;
}
