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
    [InlineData("pasted\n", "pasted")]
    [InlineData("^Rold\r", "oldest")]
    [InlineData("^Rest\r", "newest")]
    [InlineData("^Rest^R\r", "oldest")]
    [InlineData("^Rest^R^R^R\r", "oldest")]
    [InlineData("^Rolx<back>\r", "oldest")]
    [InlineData("mine^Rzz\r", "mine")]
    [InlineData("mine^Rold^G!\r", "mine!")]
    [InlineData("^Rold<home>the \r", "the oldest")]
    [InlineData("^Rold^E!\r", "oldest!")]
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
    public void A_line_that_is_given_up_stays_readable()
    {
        Type("status web^A^C", out var shown);
        shown.ShouldEndWith("\r> status web\x1b[K\r\x1b[12C^C\r\n");
    }

    [Fact]
    public void A_search_says_what_it_looks_for_and_when_there_is_nothing()
    {
        Type("^Rold^C\r", out var found);
        found.ShouldContain("\r(search 'old') oldest\x1b[K");
        Type("^Rzz^C\r", out var missed);
        missed.ShouldContain("\r(nothing with 'zz') \x1b[K");
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
                // As .NET reads what is pasted.
                yield return text[i] == '\n' ? new('\n', ConsoleKey.Enter, false, false, control: true) : new(text[i], text[i] == '\r' ? ConsoleKey.Enter : ConsoleKey.None, false, false, false);
            }
        }
    }
}
