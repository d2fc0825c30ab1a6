using CsCheck;
using Google.Protobuf;
using HaGrpc.Contracts;

namespace HaGrpc.Ctl.Tests.Mapping;

/// <summary>What goes to the wire and back is the same; through bytes, so that field numbers take part.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void A_host_survives() => ModelGenerators.Host.Sample(host =>
        V1.Host.Parser.ParseFrom(host.ToProto().ToByteArray()).ToModel().ShouldBe(host));

    [Fact]
    public void A_group_survives() => ModelGenerators.Group.Sample(group =>
    {
        var back = V1.Group.Parser.ParseFrom(group.ToProto().ToByteArray()).ToModel();
        back.Members.ShouldBe(group.Members);
        back.Vips.ShouldBe(group.Vips);
        back.Routes.ShouldBe(group.Routes);
        // The collections are compared above: a record compares them by reference.
        (back with
        {
            Members = group.Members,
            Vips = group.Vips,
            Routes = group.Routes,
            Hooks = group.Hooks,
            Checks = group.Checks,
            Directories = group.Directories,
        }).ShouldBe(group);
        back.Directories.Select(d => d with { Exclude = [] }).ShouldBe(group.Directories.Select(d => d with { Exclude = [] }));
        back.Checks.Select(c => c with { Exec = [] }).ShouldBe(group.Checks.Select(c => c with { Exec = [] }));
        back.ToProto().ShouldBe(group.ToProto());
    });

    [Fact]
    public void A_program_survives() => ModelGenerators.Program.Sample(program =>
    {
        var back = V1.Program.Parser.ParseFrom(program.ToProto().ToByteArray()).ToModel();
        back.Environment.ShouldBe(program.Environment);
        back.ExitCodes.ShouldBe(program.ExitCodes);
        back.After.ShouldBe(program.After);
        (back with { Environment = program.Environment, ExitCodes = program.ExitCodes, After = program.After, Handed = program.Handed }).ShouldBe(program);
        back.Handed.ShouldBe(program.Handed);
        back.ToProto().ShouldBe(program.ToProto());
    });

    [Fact]
    public void A_duration_survives() => Gen.Long[-3_000_000_000_000_000_000, 3_000_000_000_000_000_000].Sample(ticks =>
        TimeSpan.FromTicks(ticks).ToProto().ToModel(TimeSpan.Zero).ShouldBe(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void A_program_state_survives()
    {
        foreach (var state in Enum.GetValues<Core.Supervision.ProgramState>())
            state.ToProto().ToModel().ShouldBe(state);
    }
}
