using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Output;

/// <summary>Lists whose lines are cut off at the edge of a terminal, as a watch's: the state of a thing with a long name was beyond it.</summary>
public sealed class NarrowTests
{
    private static readonly ProgramLine[] Programs =
    [
        new() { Program = new() { Group = "a-rather-long-name-of-a-group", Name = "postgresql-main" } },
        new() { Program = new() { Group = "web", Name = "nginx" } },
    ];

    [Theory]
    [InlineData(0, "a-rather-long-name-of-a-group:postgresql-main   STOPPED   N", "web:nginx                                       STOPPED   N")]
    [InlineData(80, "a-rather-long-name-of-a-group:postgresql-main   STOPPED   N", "web:nginx                                       STOPPED   N")]
    [InlineData(57, "a-rather-long-name-of-a-group:postgresql-main STOPPED   N", "web:nginx                                     STOPPED   N")]
    [InlineData(40, "…-of-a-group:postgresql-main STOPPED   N", "web:nginx                    STOPPED   N")]
    [InlineData(5, "…resql-main STOPPED   N", "web:nginx   STOPPED   N")]
    public void Names_of_programs_give_way_to_their_states(int columns, string first, string second)
    {
        using var output = new StringWriter();
        StatusLines.Print(Programs, new Page(output) { Columns = columns }, TimeProvider.System);
        output.ToString().Split(output.NewLine).Select(line => line.Split("ot started")[0]).ShouldBe([first, second, ""]);
    }

    [Fact]
    public void Short_names_leave_the_room_that_they_do_not_need()
    {
        using var output = new StringWriter();
        StatusLines.Print(Programs[1..], new Page(output) { Columns = 40 }, TimeProvider.System);
        output.ToString().ShouldStartWith("web:nginx  STOPPED   Not started");
    }

    [Theory]
    [InlineData(0, "a-rather-long-name-of-a-group  Owned", "web                            Owned")]
    [InlineData(30, "…-long-name-of-a-group  Owned", "web                     Owned")]
    [InlineData(5, "…-of-a-group  Owned", "web           Owned")]
    public void The_first_column_of_a_table_does_so_too(int columns, string first, string second)
    {
        using var output = new StringWriter();
        var table = new Table("GROUP", "STAT");
        table.Add("a-rather-long-name-of-a-group", "Owned");
        table.Add("web", "Owned");
        table.Print(new Page(output) { Columns = columns });
        output.ToString().Split(output.NewLine)[1..].ShouldBe([first, second, ""]);
    }
}
