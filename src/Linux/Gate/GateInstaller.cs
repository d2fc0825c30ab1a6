using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Gate;

/// <summary>
/// Runs nftables text in this process by libnftables (libnftables(3)). It keeps one context, and with it the library's netlink
/// socket, from the beginning: the library waits on it by select(2), which ends the process when the descriptor is above 1023,
/// and an agent with some hundred programs has that many open later on. One thread at a time.
/// </summary>
public sealed partial class GateInstaller : IDisposable
{
    private const string Library = "libnftables.so.1";

    private nint _context;

    /// <summary>Opens the library's socket in the calling thread's network namespace.</summary>
    public GateInstaller()
    {
        try
        {
            _context = nft_ctx_new(0);
            if (_context == 0)
            {
                Problem = "libnftables gives no context";
                return;
            }
            _ = nft_ctx_buffer_error(_context);
            _ = nft_ctx_buffer_output(_context);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Problem = $"{Library} cannot be loaded; install libnftables1 (Debian, Ubuntu) or nftables (RHEL, SUSE)";
        }
    }

    /// <summary>Why nothing can be run; empty when it can.</summary>
    public string Problem { get; } = "";

    /// <summary>Runs a ruleset as one transaction, in the network namespace that the installer was made in.</summary>
    /// <param name="ruleset">The text, as for <c>nft -f</c>.</param>
    /// <returns>Empty when it was done, else why not: the library's words, or that it is missing.</returns>
    public string Run(string ruleset)
    {
        if (_context == 0)
            return Problem;
        var failed = nft_run_cmd_from_buffer(_context, ruleset) != 0;
        // Reading a buffer empties it, so both are read whatever happened.
        _ = nft_ctx_get_output_buffer(_context);
        var error = Marshal.PtrToStringUTF8(nft_ctx_get_error_buffer(_context))?.Trim() ?? "";
        if (!failed)
            return "";
        return error.Length > 0 ? error : "libnftables fails without a word";
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        if (_context != 0)
            nft_ctx_free(_context);
        _context = 0;
    }

    [LibraryImport(Library)]
    private static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Library)]
    private static partial int nft_ctx_buffer_error(nint context);

    [LibraryImport(Library)]
    private static partial int nft_ctx_buffer_output(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int nft_run_cmd_from_buffer(nint context, string commands);

    [LibraryImport(Library)]
    private static partial nint nft_ctx_get_error_buffer(nint context);

    [LibraryImport(Library)]
    private static partial nint nft_ctx_get_output_buffer(nint context);

    [LibraryImport(Library)]
    private static partial void nft_ctx_free(nint context);
}
