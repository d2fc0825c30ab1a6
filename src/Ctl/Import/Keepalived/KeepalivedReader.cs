using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>Reads keepalived.conf and what it includes: statements and blocks, <c>$NAME=value</c> definitions, and lines that hold for one
/// host only (<c>@name</c>).</summary>
/// <param name="places">Where included files are.</param>
/// <param name="configurationId">For which host the lines are: keepalived's <c>--config-id</c>, else the first part of the host's name.</param>
/// <param name="report">Is told what cannot be read.</param>
internal sealed partial class KeepalivedReader(Supervisor.IConfigurationPlaces places, string configurationId, ImportReport report)
{
    private const int DeepestInclude = 16, MostLines = 50_000, DeepestBlock = 16;

    /// <summary>Of all files together, as often as they are included.</summary>
    private const int MostCharacters = 32 << 20;

    /// <summary>Of a line with all that goes on in the next ones and all that its variables stand for.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly Dictionary<string, string> _definitions = new(StringComparer.Ordinal);
    private readonly Stack<List<KeepalivedStatement>> _open = new([[]]);
    private readonly List<string> _comments = [];
    private readonly Stack<string> _reading = [];

    /// <summary>What was said of the braces of which line: once each, however many it has and however often its file is included.</summary>
    private readonly HashSet<(string File, int Line, string Reason)> _braces = [];
    private int _lines;
    private long _characters;

    /// <summary>Everything at the top, of all files.</summary>
    internal IReadOnlyList<KeepalivedStatement> Statements => _open.Last();

    /// <summary>Reads one file.</summary>
    internal void Read(string file)
    {
        if (!LegacyText.TryRead(file, out var text, out var problem))
        {
            report.Fail(new(file, 0, ""), problem);
            return;
        }
        _characters += text.Length;
        if (_characters > MostCharacters)
        {
            if (_characters - text.Length <= MostCharacters)
                report.Fail(new(file, 0, ""), $"with it there are more than {MostCharacters >> 20} Mi characters, those of files that are included again counted each time");
            return;
        }
        var level = _open.Count;
        var number = 0;
        var lines = text.Split('\n');
        _lines += lines.Length;
        if (_lines > MostLines)
        {
            // Each include may be read in many others: said once.
            if (_lines - lines.Length <= MostLines)
                report.Fail(new(file, 0, ""), $"with it there are more than {MostLines} lines, those of files that are included again counted each time");
            return;
        }
        _reading.Push(Path.GetFullPath(file));
        var (pending, from) = (new StringBuilder(), 0);
        foreach (var raw in lines)
        {
            number++;
            var line = raw.TrimEnd();
            from = pending.Length == 0 ? number : from;
            // A backslash at the end goes on with the next line.
            if (line.EndsWith('\\'))
            {
                pending.Append(line, 0, line.Length - 1).Append(' ');
                continue;
            }
            var whole = pending.Append(line).ToString();
            pending.Clear();
            if (whole.Length <= LongestLine)
                Line(file, from, whole);
            else
                report.Lose(new(file, from, ""), $"goes on for {whole.Length} characters, more than {LongestLine}");
        }
        _reading.Pop();
        _comments.Clear();
        if (_open.Count > level)
            report.Fail(new(file, number, ""), "a block is not closed: } is missing");
        while (_open.Count > level)
            _open.Pop();
    }

    private void Line(string file, int number, string text)
    {
        if (Assignment().Match(text) is { Success: true } definition)
        {
            if (Substituted(file, number, definition.Groups[2].Value.Trim().Trim('"')) is { } value)
                _definitions[definition.Groups[1].Value] = value;
            return;
        }
        if (Conditional().Match(text) is { Success: true } conditional)
        {
            var isMeant = conditional.Groups[2].Value == configurationId != (conditional.Groups[1].Value == "^");
            if (!isMeant)
            {
                report.Note(new(file, number, ""), $"{text.Trim()}: holds for another host than {configurationId} (keepalived's config id)");
                return;
            }
            text = conditional.Groups[3].Value;
        }
        if (Substituted(file, number, text) is not { } written)
            return;
        var tokens = KeepalivedLexer.Split(written, out var comment, out var isOpen);
        if (isOpen)
            report.Lose(new(file, number, ""), $"{text.Trim()}: a quote is not closed");
        if (tokens.Count == 0)
        {
            if (comment is { Length: > 0 })
                _comments.Add(comment);
            else if (comment is null)
                _comments.Clear();
            return;
        }
        Tokens(file, number, tokens);
    }

    private void Tokens(string file, int number, List<KeepalivedLexer.Token> tokens)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var token in tokens)
        {
            if (!token.IsBrace)
                words.Add(token.Text);
            else if (token.Text == "{")
                Open(file, number, words.DrainToImmutable());
            else
                Close(file, number, words.DrainToImmutable());
        }
        Add(file, number, words.DrainToImmutable());
    }

    private void Open(string file, int number, ImmutableArray<string> words)
    {
        var here = _open.Peek();
        var block = new List<KeepalivedStatement>();
        if (!words.IsEmpty)
            here.Add(new(file, number, words, block) { Comments = TakeComments() });
        else if (here is [.., { Block: null } last])
            // The brace stands on a line of its own.
            here[^1] = last with { Block = block };
        else if (_braces.Add((file, number, "unnamed")))
            report.Lose(new(file, number, ""), "a block without a name");
        if (_open.Count <= DeepestBlock)
            _open.Push(block);
        else if (_braces.Add((file, number, "deep")))
            report.Fail(new(file, number, ""), $"blocks stand in each other more than {DeepestBlock} deep");
    }

    private void Close(string file, int number, ImmutableArray<string> words)
    {
        Add(file, number, words);
        if (_open.Count > 1)
            _open.Pop();
        else if (_braces.Add((file, number, "closed")))
            report.Fail(new(file, number, ""), "a } too many");
    }

    private void Add(string file, int number, ImmutableArray<string> words)
    {
        if (words.IsEmpty)
            return;
        if (words[0] is "include" or "includer" or "includem" or "includew" or "includeb" && words.Length > 1)
            Include(file, number, words[1]);
        else
            _open.Peek().Add(new(file, number, words, null) { Comments = TakeComments() });
    }

    private void Include(string file, int number, string pattern)
    {
        var at = new Origin(file, number, "include");
        var found = places.Matches(pattern, Path.GetDirectoryName(file) ?? "").Where(File.Exists).ToArray();
        if (found.Length == 0)
            report.Lose(at, $"{pattern}: no such file here");
        if (_reading.Count > DeepestInclude)
        {
            report.Lose(at, $"{pattern}: files include each other more than {DeepestInclude} deep");
            return;
        }
        foreach (var included in found)
        {
            // keepalived would go on until it has no more files to open.
            if (_reading.Contains(Path.GetFullPath(included)))
                report.Lose(at, $"{included}: is being read already, files include each other");
            else if (_lines <= MostLines && _characters <= MostCharacters)
                Read(included);
        }
    }

    private ImmutableArray<string> TakeComments()
    {
        ImmutableArray<string> comments = [.. _comments];
        _comments.Clear();
        return comments;
    }

    // Null for what grows beyond measure: variables may stand for variables, each twice.
    private string? Substituted(string file, int number, string text)
    {
        var references = Reference().Matches(text);
        if (references.Count == 0)
            return text;
        var whole = (long)text.Length + references.Sum(match => (long)Definition(match).Length - match.Length);
        if (whole <= LongestLine)
            return Reference().Replace(text, Definition);
        report.Lose(new(file, number, ""), $"stands for {whole} characters, more than {LongestLine}");
        return null;
    }

    private string Definition(Match match) =>
        _definitions.TryGetValue(match.Groups[1].Value + match.Groups[2].Value, out var value) ? value : match.Value;

    [GeneratedRegex(@"^\s*\$([A-Za-z_]\w*)\s*=\s*(.*)$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\s*@(\^?)(\S+)\s+(.*)$")]
    private static partial Regex Conditional();

    [GeneratedRegex(@"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")]
    private static partial Regex Reference();
}
