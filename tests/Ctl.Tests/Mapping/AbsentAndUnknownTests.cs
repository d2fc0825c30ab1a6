using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Mapping;

public sealed class AbsentAndUnknownTests
{
    [Fact]
    public void An_empty_program_has_supervisors_defaults()
    {
        var program = new V1.Program { Group = "g", Name = "p", Command = "/bin/true" }.ToModel();
        var expected = new Program { Name = new("g", "p"), Command = "/bin/true" };
        program.ToProto().ShouldBe(expected.ToProto());
    }

    [Fact]
    public void An_explicit_zero_is_not_a_default()
    {
        var program = new V1.Program { Priority = 0, StartRetries = 0, StartTime = new Duration() }.ToModel();
        program.Priority.ShouldBe(0);
        program.StartRetries.ShouldBe(0);
        program.StartTime.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void An_empty_group_has_the_default_profile_and_manual_failback()
    {
        var group = new V1.Group { Name = "g" }.ToModel();
        group.Timing.ShouldBe(GroupTiming.Default);
        group.Failback.ShouldBe(new Failback(FailbackMode.Manual, TimeSpan.Zero));
        group.AnnounceInterval.ShouldBe(Group.DefaultAnnounceInterval);
        group.DuplicateProbeInterval.ShouldBe(Group.DefaultDuplicateProbeInterval);
    }

    [Fact]
    public void Values_of_a_newer_version_in_a_request_are_errors_and_the_rest_is_still_read()
    {
        var errors = new List<FieldError>();
        var program = new V1.Program
        {
            Priority = 7,
            FatalAction = (V1.FatalAction)77,
            Readiness = new() { Kind = (V1.CheckKind)78 },
            Liveness = new(),
        };
        var host = new V1.Host { Name = "a", Fence = new() { Agent = "fence_x", Action = (V1.FenceAction)75 } };
        var group = new V1.Group { Name = "g", Fencing = (V1.Fencing)76 };
        var model = new V1.ApplyRequest { Hosts = { host }, Groups = { group }, Programs = { program } }.ToModel(errors);
        model.Programs.Single().Priority.ShouldBe(7);
        model.Hosts.Single().Fence!.Agent.ShouldBe("fence_x");
        errors.Select(error => $"{error.Path}: {error.Value}").ShouldBe(
            ["hosts[0].fence.action: 75", "groups[0].fencing: 76", "programs[0].fatal_action: 77", "programs[0].readiness.kind: 78", "programs[0].liveness.kind: 0"]);
    }

    [Fact]
    public void Half_a_timing_is_zero_where_it_is_absent() =>
        new V1.Timing { Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) }.ToModel()
            .ShouldBe(new GroupTiming(TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.Zero));

    [Fact]
    public void An_unspecified_desired_state_is_left_to_the_caller()
    {
        V1.DesiredState.Unspecified.ToModel().ShouldBeNull();
        V1.DesiredState.Stopped.ToModel().ShouldBe(DesiredState.Stopped);
    }

    [Theory]
    [InlineData(false, V1.DesiredState.Unspecified, DesiredState.Stopped)]
    [InlineData(true, V1.DesiredState.Unspecified, DesiredState.Running)]
    [InlineData(false, V1.DesiredState.Running, DesiredState.Running)]
    [InlineData(true, V1.DesiredState.Stopped, DesiredState.Stopped)]
    public void Autostart_decides_when_the_desired_state_is_not_named(bool autostart, V1.DesiredState named, DesiredState wanted) =>
        new V1.Program { Autostart = autostart, DesiredState = named }.ToModel().DesiredState.ShouldBe(wanted);

    [Fact]
    public void Values_of_a_newer_version_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => ((V1.DesiredState)77).ToModel());
        Should.Throw<ArgumentOutOfRangeException>(() => ((V1.RestartPolicy)77).ToModel());
        Should.Throw<ArgumentOutOfRangeException>(() => ((V1.CheckKind)77).ToModel());
        Should.Throw<ArgumentOutOfRangeException>(() => ((V1.FatalAction)77).ToModel());
        Should.Throw<ArgumentOutOfRangeException>(() => ((V1.FailbackMode)77).ToModel());
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_duration_beyond_the_range_goes_to_its_end(long seconds)
    {
        var end = seconds > 0 ? TimeSpan.MaxValue : TimeSpan.MinValue;
        new Duration { Seconds = seconds }.ToModel(TimeSpan.Zero).ShouldBe(end);
        end.ToProto().Seconds.ShouldBe(seconds > 0 ? 315_576_000_000 : -315_576_000_000);
    }

    [Fact]
    public void No_end_is_an_absent_duration()
    {
        TimeSpan.MaxValue.ToProtoOrNull().ShouldBeNull();
        ((Duration?)null).ToModel(TimeSpan.MaxValue).ShouldBe(TimeSpan.MaxValue);
    }
}
