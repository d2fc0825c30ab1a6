using System.Collections.Immutable;
using CsCheck;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Mapping;

/// <summary>Arbitrary models, sensible or not: the mapping must carry them all.</summary>
internal static class ModelGenerators
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char.AlphaNumeric, 0, 12];
    private static readonly Gen<string> SomeText = Gen.String[Gen.Char.AlphaNumeric, 1, 12];
    private static readonly Gen<TimeSpan> Time = Gen.Long[-1_000_000_000_000, 1_000_000_000_000].Select(TimeSpan.FromTicks);

    private static readonly Gen<FenceDevice?> Fence =
        from isThere in Gen.Bool
        from agent in Text
        from action in Gen.Enum<FenceAction>()
        from timeout in Time
        from options in Gen.Dictionary(SomeText, Text)[0, 4]
        select isThere ? new FenceDevice(agent, action, timeout, options.ToImmutableSortedDictionary(StringComparer.Ordinal)) : null;

    internal static Gen<Host> Host { get; } = Gen.Select(Text, Text, Fence, (name, text, fence) => new Host(name, text) { Fence = fence });

    private static readonly Gen<Hook> Hook =
        from name in Text
        from events in Gen.Enum<HookEvent>().Array[0, 3]
        from phase in Gen.Enum<HookPhase>()
        from command in Text.Array[0, 3]
        from timeout in Time
        from user in Text
        from style in Gen.Enum<HookStyle>()
        select new Hook(name, [.. events], phase, [.. command], timeout, user, style);

    private static readonly Gen<HostCheck> HostCheck =
        from texts in Text.Array[4]
        from exec in Text.Array[0, 3]
        from times in Time.Array[2]
        from counts in Gen.Int.Array[2]
        from weight in Gen.Int.Nullable()
        from flags in Gen.Bool.Array[2]
        select new HostCheck(texts[0])
        {
            Ping = texts[1],
            Exec = [.. exec],
            Link = texts[2],
            User = texts[3],
            Interval = times[0],
            Timeout = times[1],
            Rise = counts[0],
            Fall = counts[1],
            Weight = weight,
            Reverse = flags[0],
            InitFail = flags[1],
        };

    private static readonly Gen<GroupDirectory> Directory =
        from path in Text
        from exclude in Text.Array[0, 3]
        from lag in Time
        select new GroupDirectory(path) { Exclude = [.. exclude], MaxLag = lag };

    private static readonly Gen<FailbackWindow?> Window =
        from isThere in Gen.Bool
        from minutes in Gen.Int.Array[2]
        from zone in Text
        from days in Gen.Int[1, (int)WeekDays.All]
        select isThere ? new FailbackWindow(minutes[0], minutes[1], zone, (WeekDays)days) : null;

    internal static Gen<Group> Group { get; } =
        from name in Text
        from members in Gen.Select(Text, Gen.Int, (host, priority) => new Member(host, priority)).Array[0, 4]
        from vips in Gen.Select(Text, Text, Text, Text, (address, link, label, script) => new Vip(address, link, label, script)).Array[0, 4]
        from routes in Gen.Select(Text, Text, Text, Text, (to, via, link, source) => new Route(to, via, link, source))
            .Array[0, 4]
        from timing in Gen.Select(Time, Time, Time, (ttl, heartbeat, margin) => new GroupTiming(ttl, heartbeat, margin))
        from failback in Gen.Select(Gen.Enum<FailbackMode>(), Time, Window, (mode, delay, window) => new Failback(mode, delay) { Window = window })
        from locked in Gen.Bool
        from hooks in Hook.Array[0, 3]
        from checks in HostCheck.Array[0, 3]
        from directories in Directory.Array[0, 3]
        from announce in Time
        from probe in Time
        from fencing in Gen.Enum<Fencing>()
        from sync in Text
        from mode in Gen.Enum<SupervisionMode>()
        select new Group(name, [.. members], [.. vips], [.. routes], timing, failback, locked)
        {
            Hooks = [.. hooks],
            Checks = [.. checks],
            Directories = [.. directories],
            FlapBudget = locked ? new FlapBudget(hooks.Length, timing.Ttl) : null,
            AnnounceInterval = announce,
            DropConnections = !locked,
            DuplicateProbeInterval = probe,
            Fencing = fencing,
            SyncGroup = sync,
            Mode = mode,
            HandedTo = sync,
        };

    private static readonly Gen<Core.Model.Check?> Check =
        from isThere in Gen.Bool
        from kind in Gen.Enum<CheckKind>()
        from target in Text
        from times in Time.Array[3]
        from counts in Gen.Int.Array[2]
        select isThere
            ? new Core.Model.Check(kind, target) { Interval = times[0], Timeout = times[1], StartPeriod = times[2], Rise = counts[0], Fall = counts[1] }
            : null;

    private static readonly Gen<Limits?> Limits =
        from isThere in Gen.Bool
        from rlimits in Gen.Dictionary(SomeText, Gen.Select(Gen.Long.Nullable(), Gen.Long.Nullable(), (soft, hard) => new ResourceLimit(soft, hard)))[0, 4]
        from numbers in Gen.Int.Nullable().Array[4]
        from bytes in Gen.Long.Nullable().Array[2]
        select isThere
            ? new Limits
            {
                Rlimits = rlimits.ToImmutableSortedDictionary(StringComparer.Ordinal),
                Nice = numbers[0],
                OomScoreAdj = numbers[1],
                CpuMillis = numbers[2],
                Pids = numbers[3],
                Memory = bytes[0],
                MemorySwap = bytes[1],
            }
            : null;

    internal static Gen<Program> Program { get; } =
        from names in Gen.Select(Text, Text, (set, name) => new ProgramName(set, name))
        from texts in Text.Array[5]
        from paths in SomeText.Array[4]
        from environment in Gen.Dictionary(SomeText, Text)[0, 5]
        from numbers in Gen.Int.Array[4]
        from codes in Gen.Int[0, 255].Array[1, 4]
        from times in Time.Array[6]
        from checks in Check.Array[2]
        from after in Text.Array[0, 3]
        from action in Gen.Enum<FatalAction>()
        from desired in Gen.Enum<DesiredState>()
        from restart in Gen.Enum<RestartPolicy>()
        from flags in Gen.Bool.Array[4]
        from runOn in Gen.Enum<RunOn>()
        from generation in Gen.Long
        from sizes in Gen.Long.Array[2]
        from backups in Gen.Int.Array[2]
        from age in Time
        from packs in Gen.Bool
        from limits in Limits
        from mode in Gen.Enum<SupervisionMode>()
        from adopt in Gen.Select(Gen.Int, Text, Text, (pid, file, user) => new ProcessMatch(pid, file, file, user)).Null()
        from handed in Gen.Select(Text, Gen.Guid, Gen.Int, Gen.Long, (host, boot, pid, start) => new HandedProcess(host, boot, pid, start)).Array[0, 2]
        select new Program
        {
            Name = names,
            Command = texts[0],
            Directory = texts[1],
            User = texts[2],
            Umask = texts[3],
            StopSignal = paths[0],
            StdoutLogfile = paths[1],
            StderrLogfile = paths[2],
            Environment = environment.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Priority = numbers[0],
            StartRetries = numbers[1],
            ExitCodes = [.. codes],
            StartTime = times[0],
            StopTimeout = times[1],
            DesiredState = desired,
            Restart = restart,
            RedirectStderr = flags[0],
            Autostart = flags[1],
            StopAsGroup = flags[2],
            Oneshot = flags[3],
            ProcessName = paths[3],
            Template = texts[4],
            NumProcs = numbers[2],
            NumProcsStart = numbers[3],
            After = [.. after],
            Backoff = new(times[2], times[3]),
            FatalRetryAfter = times[4],
            FatalAction = action,
            Readiness = checks[0],
            ReadyTimeout = times[5],
            Liveness = checks[1],
            RestartGeneration = generation,
            RunOn = runOn,
            Mode = mode,
            Adopt = adopt,
            Handed = [.. handed],
            StdoutLogfileMaxBytes = sizes[0],
            StdoutLogfileBackups = backups[0],
            StderrLogfileMaxBytes = sizes[1],
            StderrLogfileBackups = backups[1],
            LogfileMaxAge = age,
            LogfileCompress = packs,
            Limits = limits,
        };
}
