using System.Globalization;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Demo;

/// <summary>Prints the story: chapters, lines with the time since the beginning, bars for durations.</summary>
internal sealed class Paper
{
    private const int Width = 34;
    private readonly long _began = BootClock.Nanoseconds;
    private readonly TextWriter _out = Console.Out;
    private int _chapter;

    public void Chapter(string title)
    {
        _out.WriteLine();
        _out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++_chapter}  {title}"));
    }

    public void Line(string text = "") => _out.WriteLine(text.Length == 0 ? "" : $"   {text}");

    /// <summary>A line of progress, with the seconds since the beginning.</summary>
    public void Progress(string text) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"{(BootClock.Nanoseconds - _began) / 1e9,5:0.0} s  {text}"));

    /// <summary>A command as it was typed, and what it said.</summary>
    public void Typed(string command, string output)
    {
        Line($"$ {command}");
        foreach (var line in output.TrimEnd().Split('\n'))
            Line($"  {line}");
    }

    /// <summary>Entries with their distance from an instant.</summary>
    public void Timeline(long zero, IEnumerable<TimelineEntry> entries)
    {
        foreach (var entry in entries)
            Line(string.Create(CultureInfo.InvariantCulture, $"{(entry.At - zero) / 1e9,+8:+0.000} s  {entry.Where,-6} {entry.What}"));
    }

    /// <summary>Phases one below the other, each a bar that begins where the one before ended.</summary>
    public void Phases(IReadOnlyList<(string Name, TimeSpan Length)> phases)
    {
        var total = phases.Sum(p => p.Length.TotalMilliseconds);
        var before = 0.0;
        foreach (var (name, length) in phases)
        {
            var from = (int)Math.Round(before / total * Width);
            before += length.TotalMilliseconds;
            var to = Math.Max(from + 1, (int)Math.Round(before / total * Width));
            var bar = new string(' ', Math.Min(from, Width - 1)) + new string('=', to - from);
            Line(string.Create(CultureInfo.InvariantCulture, $"{name,-40}{length.TotalMilliseconds,8:0.0} ms  |{bar.PadRight(Width)}|"));
        }
        Line(string.Create(CultureInfo.InvariantCulture, $"{"together",-40}{total,8:0.0} ms"));
    }
}
