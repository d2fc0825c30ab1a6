namespace HaGrpc.Ctl;

/// <summary>The terminal that hactl runs at.</summary>
internal static class Terminal
{
    /// <summary>Columns and rows; 80 and 24 when it does not say.</summary>
    internal static (int Columns, int Rows) Size()
    {
        try
        {
            return (Console.WindowWidth is > 0 and var columns ? columns : 80, Console.WindowHeight is > 0 and var rows ? rows : 24);
        }
        catch (IOException)
        {
            return (80, 24);
        }
    }

    /// <summary>The next key.</summary>
    internal static ConsoleKeyInfo Key() => Console.ReadKey(intercept: true);

    /// <summary>Reads a line, during which Ctrl-C is a key. Switched for a line and not for a key: each switch is seen by what is typed ahead.</summary>
    internal static string? WithCtrlC(Func<string?> read)
    {
        if (Console.IsInputRedirected)
            return read();
        Console.TreatControlCAsInput = true;
        try
        {
            return read();
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }
}
