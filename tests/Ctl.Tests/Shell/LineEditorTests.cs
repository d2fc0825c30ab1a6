using HaGrpc.Ctl.Shell;

namespace HaGrpc.Ctl.Tests.Shell;

public sealed class LineEditorTests
{
    [Theory]
    [InlineData("status\r", "status")]
    [InlineData("abc<home>x<end>y\r", "xabcy")]
    [InlineData("abc<left><left>X\r", "aXbc")]
    [InlineData("abc<left><back>\r", "ac")]
    [InlineData("abc<home><delete>\r", "bc")]
    [InlineData("one two^Wthree\r", "one three")]
    [InlineData("one two^Ux\r", "x")]
    [InlineData("one two^A^Kx\r", "x")]
    [InlineData("ab^Bx^Fy^Ez\r", "axbyz")]
    [InlineData("状态<back>x\r", "状x")]
    [InlineData("<up>\r", "newest")]
    [InlineData("<up><up>\r", "oldest")]
    [InlineData("<up><up><up>\r", "oldest")]
    [InlineData("mine<up><down>\r", "mine")]
    [InlineData("^P^N\r", "")]
    [InlineData("half^C", "")]
    public void Keys_make_a_line(string keys, string line) => Type(keys, out _).ShouldBe(line);

    [Fact]
    public void Ctrl_D_ends_in_an_empty_line_and_deletes_in_another()
    {
        Type("^D", out _).ShouldBeNull();
        Type("ab^A^D\r", out _).ShouldBe("b");
    }

    [Theory]
    [InlineData("sta<tab>\r", "sta")]
    [InlineData("stat<tab>web\r", "status web")]
    [InlineData("status w<tab>\r", "status web")]
    [InlineData("status web:h<tab>\r", "status web:http ")]
    [InlineData("zzz<tab>\r", "zzz")]
    public void Tab_completes_as_far_as_it_is_certain(string keys, string line) => Type(keys, out _).ShouldBe(line);

    [Fact]
    public void A_second_tab_shows_what_there_is()
    {
        Type("sta<tab>\r", out var once);
        once.ShouldNotContain("start");
        Type("sta<tab><tab>\r", out var twice);
        twice.ShouldContain("start   status\r\n");
    }

    [Fact]
    public void A_line_longer_than_the_terminal_stays_in_its_row()
    {
        Type(new string('x', 200) + "\r", out var shown).ShouldBe(new string('x', 200));
        foreach (var row in shown.Split('\r').Select(part => part.Replace("\x1b[K", "", StringComparison.Ordinal)))
            row.Length.ShouldBeLessThanOrEqualTo(40);
    }

    private static string? Type(string keys, out string shown)
    {
        using var output = new StringWriter();
        var typed = new Queue<ConsoleKeyInfo>(Keys(keys));
        string[] words = ["start", "status", "web", "web:http"];
        var editor = new LineEditor(
            typed.Dequeue, output, () => 40, ["oldest", "newest"], line => [.. words.Where(w => w.StartsWith(line[^1], StringComparison.Ordinal) && w.Contains("st") == (line.Count == 1))]);
        var line = editor.Read("> ");
        typed.ShouldBeEmpty();
        shown = output.ToString();
        return line;
    }

    private static IEnumerable<ConsoleKeyInfo> Keys(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '<')
            {
                var end = text.IndexOf('>', i);
                yield return new('\0', text[(i + 1)..end] switch
                {
                    "left" => ConsoleKey.LeftArrow,
                    "up" => ConsoleKey.UpArrow,
                    "down" => ConsoleKey.DownArrow,
                    "home" => ConsoleKey.Home,
                    "end" => ConsoleKey.End,
                    "back" => ConsoleKey.Backspace,
                    "delete" => ConsoleKey.Delete,
                    _ => ConsoleKey.Tab,
                }, false, false, false);
                i = end;
            }
            else if (text[i] == '^')
            {
                i++;
                yield return new((char)(text[i] - '@'), ConsoleKey.A + (text[i] - 'A'), false, false, control: true);
            }
            else
            {
                yield return new(text[i], text[i] == '\r' ? ConsoleKey.Enter : ConsoleKey.None, false, false, false);
            }
        }
    }
}
