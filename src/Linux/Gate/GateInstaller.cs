using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Gate;

/// <summary>Runs nftables text in this process by libnftables (libnftables(3)); nothing stays open between runs.</summary>
public static partial class GateInstaller
{
    private const string Library = "libnftables.so.1";

    /// <summary>Runs a ruleset as one transaction, in the calling thread's network namespace.</summary>
    /// <param name="ruleset">The text, as for <c>nft -f</c>.</param>
    /// <returns>Empty when it was done, else why not: the library's words, or that it is missing.</returns>
    public static string Run(string ruleset)
    {
        try
        {
            nint context = nft_ctx_new(0);
            if (context == 0)
                return "libnftables gives no context";
            try
            {
                _ = nft_ctx_buffer_error(context);
                _ = nft_ctx_buffer_output(context);
                if (nft_run_cmd_from_buffer(context, ruleset) == 0)
                    return "";
                string error = Marshal.PtrToStringUTF8(nft_ctx_get_error_buffer(context))?.Trim() ?? "";
                return error.Length > 0 ? error : "libnftables fails without a word";
            }
            finally
            {
                nft_ctx_free(context);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return $"{Library} cannot be loaded; install libnftables1 (Debian, Ubuntu) or nftables (RHEL, SUSE)";
        }
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
    private static partial void nft_ctx_free(nint context);
}
