using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Shell;

/// <summary>A search in what was typed before, from the newest line back, that goes on with each character (Ctrl-R).</summary>
/// <param name="history">Oldest first.</param>
/// <param name="before">The line when it began.</param>
internal sealed class HistorySearch(IReadOnlyList<string> history, string before)
{
    private int _at = history.Count;
    private bool _hasFailed;

    /// <summary>What is searched.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>The line when it began, which comes back when it is given up.</summary>
    internal string Before => before;

    /// <summary>The newest line with the text in it, or the last one that had as much of it as there is; at first the line that there was.</summary>
    internal string Found => _at < history.Count ? history[_at] : before;

    /// <summary>What stands in front of the line meanwhile.</summary>
    internal string Prompt => _hasFailed ? Speech.Of($"(nothing with '{Text}') ") : Speech.Of($"(search '{Text}') ");

    /// <summary>One more character.</summary>
    internal void Type(char character)
    {
        Text += character;
        Find(Math.Min(_at, history.Count - 1));
    }

    /// <summary>One less: begins again with the newest line.</summary>
    internal void Shorten()
    {
        Text = Text.Length > 0 ? Text[..^1] : "";
        _at = history.Count;
        Find(history.Count - 1);
    }

    /// <summary>The next older line, which is another one.</summary>
    internal void Older()
    {
        var newer = Found;
        Find(_at - 1, line => line != newer);
    }

    private void Find(int from, Func<string, bool>? isOther = null)
    {
        if (Text.Length == 0)
        {
            _hasFailed = false;
            return;
        }
        for (var i = from; i >= 0; i--)
        {
            if (history[i].Contains(Text, StringComparison.Ordinal) && isOther?.Invoke(history[i]) != false)
            {
                (_at, _hasFailed) = (i, false);
                return;
            }
        }
        _hasFailed = true;
    }
}
