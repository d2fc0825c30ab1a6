using HaGrpc.LabProgram;

// lab-program ROLE [options]: see Roles for what each does. Says "start" as its first act and "ready" once it serves, so
// that whoever watches the lab knows the instants without looking into the process.
var arguments = Arguments.Parse(args);
var announcer = new Announcer(arguments);
announcer.Say("start");

using var stop = new CancellationTokenSource();
using var term = StopSignal.On(stop);
IRole role = arguments.Role switch
{
    "store" => new StoreRole(arguments),
    "queue" => new QueueRole(arguments),
    "worker" => new WorkerRole(arguments),
    "leaf" => new LeafRole(),
    "metrics" => new MetricsRole(arguments),
    "http" => new HttpRole(arguments),
    _ => throw new ArgumentException($"unknown role '{arguments.Role}'", nameof(args)),
};
await role.Run(() => announcer.Say("ready"), stop.Token);
return 0;
