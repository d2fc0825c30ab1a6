using System.Net.Sockets;
using Npgsql;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>What a failure of PostgreSQL means for the operator.</summary>
internal static class PostgresErrors
{
    /// <summary>One line: what happened and what to check.</summary>
    public static string Explain(Exception exception) => exception switch
    {
        NoPrimaryException e => $"none of the servers accepts writes: {e.Message}",
        PostgresException e => $"{e.MessageText} (SQLSTATE {e.SqlState}). {Advice(e.SqlState)}",
        _ when Find<PostgresException>(exception) is { } e => Explain(e),
        _ when Find<SocketException>(exception) is { } e =>
            $"cannot reach the server: {e.Message} Check that it runs, and host, port and firewall.",
        _ when Find<TimeoutException>(exception) is not null =>
            "no answer in time. Check the server's load, its locks (pg_stat_activity) and the network.",
        _ => $"{exception.Message} Check the server's log and the network.",
    };

    private static string Advice(string sqlState) => sqlState switch
    {
        "28P01" or "28000" => "Check Username and Password of Storage:Postgres and the server's pg_hba.conf.",
        "3D000" => "Create the database, or correct Database in Storage:Postgres.",
        "3F000" => "Create the schema, or correct the user's search_path.",
        "42501" => "Grant the user the right to use and, for migrations, create tables in this schema.",
        "25006" => "The server is read-only: point Storage:Postgres to the primary.",
        "53300" => "Raise max_connections, or lower 'Maximum Pool Size' in Storage:Postgres.",
        "53100" => "The server's disk is full: make room.",
        "55P03" => "Another transaction holds the row; see pg_stat_activity and pg_locks. Trying again is safe.",
        "57014" => "The statement was cancelled or took too long; see the server's load and locks.",
        "57P01" or "57P02" or "57P03" => "The server is stopping, restarting or starting, or ended this session. Trying again is safe.",
        "40001" or "40P01" => "A conflict with another transaction; trying again is safe.",
        "42P01" or "42703" => "The schema is not this version's: restart this control plane so that it migrates, and check the search_path.",
        _ => "See the server's log.",
    };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
                return found;
        }

        return null;
    }
}
