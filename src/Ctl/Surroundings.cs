using System.Runtime.InteropServices;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl;

/// <summary>What a command reads and writes besides the control plane; tests give their own.</summary>
/// <param name="In">Standard input, for <c>apply -f -</c> and for answers.</param>
/// <param name="Out">Results, also the errors that supervisorctl prints there.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="Time">Wall clock and time zone of the operator's terminal, for uptimes and times of day.</param>
/// <param name="Variable">Environment variables.</param>
internal sealed record Surroundings(
    TextReader In,
    TextWriter Out,
    TextWriter Error,
    TimeProvider Time,
    Func<string, string?> Variable)
{
    /// <summary>Results that are bytes of programs: goes where <see cref="Out"/> goes. Fails when nobody reads any more.</summary>
    internal required Stream Bytes { get; init; }

    /// <summary>False once nobody reads results any more.</summary>
    internal Func<bool> HasReader { get; init; } = () => true;

    /// <summary>True when results go to a terminal, which obeys control characters.</summary>
    internal bool IsTerminal { get; init; }

    /// <summary>True when somebody at a terminal can answer a question on <see cref="In"/>.</summary>
    internal bool IsAnswering { get; init; }

    /// <summary>True when <see cref="Error"/> goes to a terminal: what is under way is shown there, in place.</summary>
    internal bool IsErrorTerminal { get; init; }

    /// <summary>True when the cursor can be moved where results go: a terminal, and none that obeys nothing (terminfo's <c>dumb</c>).</summary>
    internal bool IsDrawn => IsTerminal && Variable("TERM") != "dumb";

    /// <summary>The same of <see cref="Error"/>.</summary>
    internal bool IsErrorDrawn => IsErrorTerminal && Variable("TERM") != "dumb";

    /// <summary>Columns and rows of the terminal.</summary>
    internal Func<(int Columns, int Rows)> Size { get; init; } = () => (80, 24);

    /// <summary>The next key that is pressed; null when nobody is at the keys of a terminal.</summary>
    internal Func<ConsoleKeyInfo>? Keys { get; init; }

    /// <summary>Asks for a line at the shell's own editor, where Ctrl-C is an answer and ends nothing; null outside of the shell.</summary>
    internal Func<string, string?>? Asking { get; init; }

    /// <summary>Asks whoever is at the terminal.</summary>
    /// <returns>The answer; empty or null when there is none.</returns>
    internal string? Ask(string question)
    {
        if (Asking is not null)
            return Asking(question);
        Error.Write(question);
        Error.Flush();
        // The prompt of whoever started this comes next, and not behind the question.
        using var interrupt = IsAnswering ? PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Error.WriteLine()) : null;
        return In.ReadLine();
    }

    /// <summary>How long whoever presses a key for live names waits for the control plane.</summary>
    internal TimeSpan NamePatience { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Connections that outlive a command, in the interactive shell; null for one of its own for each command.</summary>
    internal KeptConnections? Kept { get; init; }

    /// <summary>True for a line of the interactive shell.</summary>
    internal bool IsInShell { get; init; }
}
