using System.Text;
using HaGrpc.Ctl.Completion;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Shell;

/// <summary>A line that is typed at a terminal: cursor, history, completion. It is told keys and writes what shows the line.</summary>
/// <param name="keys">The next key.</param>
/// <param name="output">The terminal.</param>
/// <param name="columns">How wide it is.</param>
/// <param name="history">What was typed before, oldest first.</param>
/// <param name="complete">How the last of these words could go on.</param>
internal sealed class LineEditor(
    Func<ConsoleKeyInfo> keys, TextWriter output, Func<int> columns, IReadOnlyList<string> history, Func<IReadOnlyList<string>, IReadOnlyList<string>> complete)
{
    private readonly StringBuilder _line = new();
    private string _prompt = "", _kept = "";
    private int _cursor, _at;
    private bool _wasTab;
    private HistorySearch? _search;

    /// <summary>Reads a line.</summary>
    /// <returns>The line; empty after Ctrl-C; null at the end (Ctrl-D in an empty line).</returns>
    internal string? Read(string prompt)
    {
        (_prompt, _cursor, _at, _kept, _wasTab, _search) = (prompt, 0, history.Count, "", false, null);
        _line.Clear();
        Draw();
        while (true)
        {
            var key = keys();
            var isTab = key.Key == ConsoleKey.Tab;
            switch (Take(key))
            {
                case Outcome.Done:
                    output.Write("\r\n");
                    output.Flush();
                    return _line.ToString();
                case Outcome.GivenUp:
                    // Behind the line, where it hides nothing.
                    _cursor = _line.Length;
                    Draw();
                    output.Write("^C\r\n");
                    output.Flush();
                    return "";
                case Outcome.End:
                    output.Write("\r\n");
                    output.Flush();
                    return null;
            }
            _wasTab = isTab;
            Draw();
        }
    }

    private enum Outcome
    {
        GoesOn,
        Done,
        GivenUp,
        End,
    }

    private Outcome Take(ConsoleKeyInfo key)
    {
        if (_search is not null && !Search(key))
            return Outcome.GoesOn;
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control))
            return Control(key);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Outcome.Done;
            case ConsoleKey.Backspace when _cursor > 0:
                Remove(Before(), _cursor);
                break;
            case ConsoleKey.Delete when _cursor < _line.Length:
                Remove(_cursor, After());
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Before();
                break;
            case ConsoleKey.RightArrow:
                _cursor = After();
                break;
            case ConsoleKey.Home:
                _cursor = 0;
                break;
            case ConsoleKey.End:
                _cursor = _line.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(-1);
                break;
            case ConsoleKey.DownArrow:
                Recall(+1);
                break;
            case ConsoleKey.Tab:
                Complete();
                break;
            default:
                if (key.KeyChar is '\r' or '\n')
                    return Outcome.Done;
                if (!char.IsControl(key.KeyChar))
                    Insert(key.KeyChar.ToString());
                break;
        }
        return Outcome.GoesOn;
    }

    private Outcome Control(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.C:
                return Outcome.GivenUp;
            case ConsoleKey.D when _line.Length == 0:
                return Outcome.End;
            case ConsoleKey.D when _cursor < _line.Length:
                Remove(_cursor, After());
                break;
            case ConsoleKey.A:
                _cursor = 0;
                break;
            case ConsoleKey.E:
                _cursor = _line.Length;
                break;
            case ConsoleKey.B:
                _cursor = Before();
                break;
            case ConsoleKey.F:
                _cursor = After();
                break;
            // Where the erase key is another one, Ctrl-H comes as a backspace with Ctrl.
            case ConsoleKey.H or ConsoleKey.Backspace when _cursor > 0:
                Remove(Before(), _cursor);
                break;
            // A pasted end of line comes as Enter with Ctrl.
            case ConsoleKey.J or ConsoleKey.M or ConsoleKey.Enter:
                return Outcome.Done;
            case ConsoleKey.K:
                Remove(_cursor, _line.Length);
                break;
            case ConsoleKey.U:
                Remove(0, _cursor);
                break;
            case ConsoleKey.W:
                Remove(WordBegin(), _cursor);
                break;
            case ConsoleKey.L:
                output.Write("\x1b[2J\x1b[H");
                break;
            case ConsoleKey.R:
                _search = new(history, _line.ToString());
                break;
            case ConsoleKey.P:
                Recall(-1);
                break;
            case ConsoleKey.N:
                Recall(+1);
                break;
            case ConsoleKey.LeftArrow:
                _cursor = WordBegin();
                break;
        }
        return Outcome.GoesOn;
    }

    /// <summary>Takes a key of a search.</summary>
    /// <returns>True when it ends the search, and is a key like every other.</returns>
    private bool Search(ConsoleKeyInfo key)
    {
        var search = _search!;
        var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.R when isControl:
                search.Older();
                break;
            case ConsoleKey.C or ConsoleKey.G when isControl:
                _line.Clear().Append(search.Before);
                _cursor = _line.Length;
                _search = null;
                return false;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when isControl:
                search.Shorten();
                break;
            case var _ when !isControl && !char.IsControl(key.KeyChar):
                search.Type(key.KeyChar);
                break;
            default:
                _search = null;
                return true;
        }
        _line.Clear().Append(search.Found);
        _cursor = Math.Max(0, search.Found.IndexOf(search.Text, StringComparison.Ordinal));
        return false;
    }

    private void Insert(string text)
    {
        _line.Insert(_cursor, text);
        _cursor += text.Length;
    }

    private void Remove(int from, int to)
    {
        _line.Remove(from, to - from);
        _cursor = from;
    }

    // A character beyond the first 65536 is two of a string.
    private int Before() => Math.Max(0, _cursor - (_cursor > 1 && char.IsLowSurrogate(_line[_cursor - 1]) ? 2 : 1));

    private int After() => Math.Min(_line.Length, _cursor + (_cursor + 1 < _line.Length && char.IsHighSurrogate(_line[_cursor]) ? 2 : 1));

    private int WordBegin()
    {
        var at = _cursor;
        while (at > 0 && _line[at - 1] == ' ')
            at--;
        while (at > 0 && _line[at - 1] != ' ')
            at--;
        return at;
    }

    private void Recall(int step)
    {
        if (_at + step < 0 || _at + step > history.Count)
            return;
        if (_at == history.Count)
            _kept = _line.ToString();
        _at += step;
        _line.Clear().Append(_at == history.Count ? _kept : history[_at]);
        _cursor = _line.Length;
    }

    private void Complete()
    {
        var line = BegunLine.Of(_line.ToString(0, _cursor), breaks: "");
        var found = complete(line.Words);
        if (found.Count == 0)
            return;
        var begun = line.Words[^1];
        var shared = found.Aggregate((a, b) => a[..Shared(a, b)]);
        if (shared.Length > begun.Length)
            Insert(line.Escaped(shared[begun.Length..]));
        if (found.Count == 1)
        {
            if (!new Candidate(shared).IsOpen)
                Insert(line.Quote == '\0' ? " " : $"{line.Quote} ");
        }
        else if (_wasTab)
        {
            Show(found);
        }
    }

    private static int Shared(string a, string b)
    {
        var length = 0;
        while (length < a.Length && length < b.Length && a[length] == b[length])
            length++;
        return length;
    }

    private void Show(IReadOnlyList<string> found)
    {
        var width = found.Max(TextWidth.Of) + 2;
        var across = Math.Max(1, columns() / width);
        output.Write("\r\n");
        foreach (var row in found.Chunk(across))
            output.Write($"{string.Concat(row.Select(word => TextWidth.Padded(word, width))).TrimEnd()}\r\n");
    }

    /// <summary>Shows the line in one row: of a long one the part around the cursor.</summary>
    private void Draw()
    {
        var text = _line.ToString();
        var prompt = _search?.Prompt ?? _prompt;
        // A question may be longer than the row; what is typed needs some of it.
        if (TextWidth.Of(prompt) > Math.Max(8, columns() - 9))
            prompt = TextWidth.CutFront(prompt, Math.Max(8, columns() - 9));
        var room = Math.Max(8, columns() - TextWidth.Of(prompt) - 1);
        var from = 0;
        while (TextWidth.Of(text[from.._cursor]) >= room)
            from++;
        var shown = TextWidth.Cut(text[from..], room);
        var column = TextWidth.Of(prompt) + TextWidth.Of(text[from.._cursor]);
        output.Write($"\r{prompt}{shown}\x1b[K\r{(column > 0 ? $"\x1b[{column}C" : "")}");
        output.Flush();
    }
}
