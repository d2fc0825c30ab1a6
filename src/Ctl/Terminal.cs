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

    /// <summary>The next key; Ctrl-C is one of them while it is waited for.</summary>
    internal static ConsoleKeyInfo Key()
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return Console.ReadKey(intercept: true);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }
}
