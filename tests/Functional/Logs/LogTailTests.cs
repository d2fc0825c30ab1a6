using System.IO.Compression;
using System.Text;
using HaGrpc.Agent.Logs;

namespace HaGrpc.Functional.Tests.Logs;

/// <summary>One log read on and on while it is written, rotated, cut and removed.</summary>
public sealed class LogTailTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-tail-");
    private readonly string _path;

    public LogTailTests() => _path = Path.Combine(_folder.FullName, "log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("a\nb\nc\n", 0, "")]
    [InlineData("a\nb\nc\n", 2, "b\nc\n")]
    [InlineData("a\nb\nc\n", 3, "a\nb\nc\n")]
    [InlineData("a\nb\nc\n", 9, "a\nb\nc\n")]
    [InlineData("a\nb\nc", 1, "c")]
    [InlineData("\n\n\n", 2, "\n\n")]
    public void The_last_lines_are_those_of_tail(string text, int lines, string expected)
    {
        File.WriteAllText(_path, text);
        using var tail = new LogTail(_path);
        tail.BeginWithLines(lines);
        ReadAll(tail).ShouldBe(expected);
    }

    [Fact]
    public void The_last_lines_are_found_over_blocks_and_no_farther_back_than_the_limit()
    {
        var line = new string('x', 999) + "\n";
        File.WriteAllText(_path, string.Concat(Enumerable.Repeat(line, 1000)));
        using var file = LogFile.TryOpen(_path, out _)!;
        file.LastLines(1).ShouldBe(999_000);
        file.LastLines(400).ShouldBe(600_000);
        file.LastLines(1000).ShouldBe(0);

        File.WriteAllText(_path, new string('x', (int)LogFile.FarthestBack + 5));
        using var one = LogFile.TryOpen(_path, out _)!;
        one.LastLines(1).ShouldBe(5);
    }

    [Fact]
    public void A_rotation_by_renaming_loses_nothing_and_repeats_nothing()
    {
        File.WriteAllText(_path, "1\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        ReadAll(tail).ShouldBe("1\n");
        File.AppendAllText(_path, "2\n");
        Rotate();
        File.AppendAllText(_path + ".1", "3\n"); // The program still has the old file.
        ReadAll(tail).ShouldBe("2\n3\n");
        File.WriteAllText(_path, "");
        File.AppendAllText(_path + ".1", "4\n"); // As between logrotate's create and postrotate.
        ReadAll(tail).ShouldBe("4\n");
        File.AppendAllText(_path, "5\n");
        ReadAll(tail).ShouldBe("5\n");
    }

    [Fact]
    public void A_slow_reader_goes_through_every_backup_in_order()
    {
        File.WriteAllText(_path, "0\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        for (var i = 1; i <= 4; i++)
        {
            Rotate();
            File.WriteAllText(_path, $"{i}\n");
        }
        ReadAll(tail).ShouldBe("0\n1\n2\n3\n4\n");
    }

    [Fact]
    public void What_was_rotated_out_unread_is_told()
    {
        File.WriteAllText(_path, "0\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        for (var i = 1; i <= 4; i++)
        {
            Rotate();
            File.WriteAllText(_path, $"{i}\n");
            File.Delete(_path + ".3");
        }
        ReadAll(tail, out var changes).ShouldBe("0\n2\n3\n4\n");
        changes.ShouldBe([LogChange.Skipped]);
    }

    [Fact]
    public void Old_backups_of_another_time_are_not_taken_for_successors()
    {
        File.WriteAllText(_path + ".1", "stale\n");
        File.SetLastWriteTimeUtc(_path + ".1", new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.WriteAllText(_path, "0\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        File.Move(_path, _path + "-20261124");
        File.WriteAllText(_path, "1\n");
        ReadAll(tail, out var changes).ShouldBe("0\n1\n");
        changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_backup_that_is_compressed_after_it_was_read_is_no_gap_and_one_that_was_not_read_is()
    {
        File.WriteAllText(_path, "0\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        ReadAll(tail).ShouldBe("0\n");
        Rotate();
        Compress();
        File.WriteAllText(_path, "1\n");
        ReadAll(tail, out var changes).ShouldBe("1\n");
        changes.ShouldBeEmpty();

        Rotate();
        File.Move(_path + ".1.gz", _path + ".2.gz");
        File.WriteAllText(_path, "2\n");
        Rotate();
        File.Move(_path + ".2.gz", _path + ".3.gz");
        Compress();
        File.WriteAllText(_path, "3\n");
        ReadAll(tail, out changes).ShouldBe("3\n");
        changes.ShouldBe([LogChange.Skipped]);
    }

    [Fact]
    public void A_rotation_by_copying_and_truncating_begins_anew()
    {
        File.WriteAllText(_path, "one\ntwo\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(1);
        ReadAll(tail).ShouldBe("two\n");
        File.Copy(_path, _path + ".1");
        Truncate();
        File.AppendAllText(_path, "3\n");
        ReadAll(tail, out var changes).ShouldBe("3\n");
        changes.ShouldBe([LogChange.Truncated]);
    }

    [Fact]
    public void A_file_that_comes_later_is_read_from_its_beginning()
    {
        using var tail = new LogTail(_path);
        tail.BeginWithLines(0);
        (tail.IsMissing, tail.Problem).ShouldBe((true, ""));
        ReadAll(tail).ShouldBe("");
        File.WriteAllText(_path, "here\n");
        ReadAll(tail).ShouldBe("here\n");
    }

    [Fact]
    public void A_reader_that_was_away_goes_on_in_the_file_of_then()
    {
        File.WriteAllText(_path, "1\n2\n");
        LogPosition position;
        using (var first = new LogTail(_path))
        {
            first.BeginWithLines(10);
            first.Read(new byte[2]).Count.ShouldBe(2);
            position = first.Position!.Value;
        }
        Rotate();
        File.WriteAllText(_path, "3\n");
        Rotate();
        File.WriteAllText(_path, "4\n");
        using var second = new LogTail(_path);
        second.BeginAt(position).ShouldBe(LogChange.None);
        ReadAll(second).ShouldBe("2\n3\n4\n");

        File.Delete(_path + ".2");
        using var third = new LogTail(_path);
        third.BeginAt(position).ShouldBe(LogChange.Skipped);
        ReadAll(third).ShouldBe("4\n");
    }

    [Fact]
    public void A_reading_with_an_end_stops_there_whatever_is_written()
    {
        File.WriteAllText(_path, "1\n");
        using var tail = new LogTail(_path);
        tail.BeginWithLines(10);
        tail.EndHere();
        File.AppendAllText(_path, "2\n");
        ReadAll(tail).ShouldBe("1\n");
        Rotate();
        File.WriteAllText(_path, "3\n");
        ReadAll(tail).ShouldBe("");
    }

    [Fact]
    public void What_is_no_file_is_not_waited_for()
    {
        LogFile.TryOpen("/dev/null", out var problem).ShouldBeNull();
        problem.ShouldBe("/dev/null is no regular file: what is written there cannot be read back");
        Lab.Kernel.Libc.Check(MakeFifo(_path), "mkfifo");
        LogFile.TryOpen(_path, out problem).ShouldBeNull();
        problem.ShouldStartWith($"{_path} is no regular file");
        LogFile.TryOpen(_folder.FullName + "/none/log", out problem).ShouldBeNull();
        problem.ShouldBe("");
    }

    private static int MakeFifo(string path)
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", path);
        made.WaitForExit();
        return made.ExitCode == 0 ? 0 : -1;
    }

    private static string ReadAll(LogTail tail) => ReadAll(tail, out _);

    private static string ReadAll(LogTail tail, out List<LogChange> changes)
    {
        var text = new StringBuilder();
        var buffer = new byte[3]; // Smaller than what there is, so that a reading ends anywhere.
        changes = [];
        while (true)
        {
            var (count, change) = tail.Read(buffer);
            if (change != LogChange.None)
                changes.Add(change);
            else if (count == 0)
                return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    private void Rotate()
    {
        for (var i = 9; i >= 1; i--)
        {
            if (File.Exists($"{_path}.{i}"))
                File.Move($"{_path}.{i}", $"{_path}.{i + 1}");
        }
        File.Move(_path, _path + ".1");
    }

    // As the shim does it: the time of the last writing is kept.
    private void Compress()
    {
        var written = File.GetLastWriteTimeUtc(_path + ".1");
        using (var packed = new GZipStream(File.Create(_path + ".1.gz"), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(_path + ".1"));
        File.SetLastWriteTimeUtc(_path + ".1.gz", written);
        File.Delete(_path + ".1");
    }

    private void Truncate()
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }
}
