using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>
/// Reads files by the rules of the parser that Supervisor uses (Python's RawConfigParser, not strict): a comment begins at <c>;</c> or <c>#</c>
/// at the start of a line or behind white space, also within quotes; a line that is indented deeper than the option before it goes on with its
/// value; options are written with <c>=</c> or <c>:</c> in letters of either case; what is said twice counts as it was said last; a section may
/// come again.
/// </summary>
internal sealed partial class IniReader(ImportReport report)
{
    private readonly List<IniSection> _sections = [];
    private readonly Dictionary<string, IniSection> _named = new(StringComparer.Ordinal);

    /// <summary>All sections of all files, in the order in which they first came.</summary>
    internal IReadOnlyList<IniSection> Sections => _sections;

    /// <summary>Reads one more file.</summary>
    /// <param name="file">What it is called in the report.</param>
    /// <param name="text">Its text.</param>
    /// <param name="here">What <c>%(here)s</c> stands for in it; null to leave it.</param>
    internal void Read(string file, string text, string? here)
    {
        var state = new State(file);
        var number = 0;
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
            ReadLine(state, line, ++number);
        Finish(state);
        state.Flush();
        if (here is null)
            return;
        foreach (var section in _sections)
        {
            foreach (var option in section.Options.Where(option => option.Value.Contains("%(here)s", StringComparison.Ordinal)).ToArray())
            {
                section.Rewrite(option, option.Value.Replace("%(here)s", here, StringComparison.Ordinal));
                report.Note(option.Origin, $"%(here)s is written as {here}: hosts have no such file here");
            }
        }
    }

    internal IniSection? Find(string name) => _named.GetValueOrDefault(name);

    private void ReadLine(State state, string line, int number)
    {
        var comment = CommentStart(line);
        var value = (comment < 0 ? line : line[..comment]).Trim();
        if (value.Length == 0)
        {
            if (comment >= 0)
                state.Note(line.Trim());
            else
                state.Blank();
            return;
        }
        var indent = line.Length - line.TrimStart().Length;
        if (state.Section is not null && state.Option is not null && indent > state.Indent)
        {
            state.Lines.Add(value);
            return;
        }
        state.Indent = indent;
        if (Header().Match(value) is { Success: true } header)
        {
            Finish(state);
            Enter(state, header.Groups[1].Value, number);
        }
        else if (state.Section is null)
        {
            report.Lose(new(state.File, number, ""), $"{value}: stands before the first section; Supervisor does not start with it");
        }
        else if (value.AsSpan().IndexOfAny('=', ':') is >= 0 and var equals)
        {
            Finish(state);
            state.Flush();
            var name = value[..equals].TrimEnd().ToLowerInvariant();
            state.Option = new(name, "", new(state.File, number, $"[{state.Section.Name}] {name}"));
            state.Lines.Add(value[(equals + 1)..].Trim());
        }
        else
        {
            report.Lose(new(state.File, number,
                $"[{state.Section.Name}]"), $"{value}: neither a section nor OPTION=VALUE; Supervisor does not start with it");
        }
        CutInQuotes(state, line, comment, number);
    }

    private void Enter(State state, string name, int number)
    {
        state.Section = Find(name);
        if (state.Section is null)
        {
            _sections.Add(state.Section = new(name, state.File, number));
            _named.Add(name, state.Section);
        }
        else if (state.Section.Origin.File != state.File)
            report.Note(state.Section.Origin, $"stands also in {state.File}:{number}; as in Supervisor they are one, and what is said last counts");
        state.Flush();
    }

    // The value is complete when something else begins.
    private void Finish(State state)
    {
        if (state.Section is not null && state.Option is { } option)
            state.Section.Set(option with { Value = string.Join('\n', state.Lines).TrimEnd() }, report);
        state.Option = null;
        state.Lines.Clear();
    }

    private void CutInQuotes(State state, string line, int comment, int number)
    {
        if (comment > 0 && state.Option is not null && line[..comment].Count(c => c == '"') % 2 == 1)
        {
            report.Note(state.Option.Origin with { Line = number },
                $"the value ends before '{line[comment]}': to Supervisor it begins a comment there, also within quotes");
        }
    }

    private static int CommentStart(string line)
    {
        if (line.TrimStart() is [';' or '#', ..])
            return 0;
        for (var i = 1; i < line.Length; i++)
        {
            if (line[i] is ';' or '#' && char.IsWhiteSpace(line[i - 1]))
                return i;
        }
        return -1;
    }

    [GeneratedRegex(@"^\[(.+)\]")]
    private static partial Regex Header();

    [GeneratedRegex(@"^[\w.]+\s*=")]
    private static partial Regex SwitchedOff();

    // A line of nothing, a section or an option that was switched off: no remark for people.
    private static bool IsRemark(string comment)
    {
        var bare = comment.Trim().Trim(';', '#', ' ', '\t');
        return bare.Length > 0 && !(bare[0] == '[' && bare[^1] == ']') && !SwitchedOff().IsMatch(bare);
    }

    /// <summary>Where the reading of one file stands.</summary>
    private sealed class State(string file)
    {
        private readonly List<string> _comments = [];

        internal string File { get; } = file;

        internal IniSection? Section { get; set; }

        internal IniOption? Option { get; set; }

        internal List<string> Lines { get; } = [];

        internal int Indent { get; set; }

        /// <summary>A line of comment: it belongs to what comes next, unless a blank line parts them.</summary>
        internal void Note(string comment)
        {
            if (IsRemark(comment))
                _comments.Add(comment.TrimStart(';', '#', ' ', '\t'));
        }

        /// <summary>A blank line goes into the value of its option.</summary>
        internal void Blank()
        {
            if (Section is not null)
                Flush();
            if (Option is not null)
                Lines.Add("");
        }

        internal void Flush()
        {
            Section?.Comments.AddRange(_comments);
            _comments.Clear();
        }
    }
}
