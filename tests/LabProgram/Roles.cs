using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HaGrpc.LabProgram;

/// <summary>One kind of program of the set: runs until told to stop.</summary>
internal interface IRole
{
    /// <param name="ready">To be called once, when the role serves.</param>
    /// <param name="stop">Ends the role; what was accepted is finished first.</param>
    Task Run(Action ready, CancellationToken stop);
}

/// <summary>Waits for the next beat of a periodic role; false when it is to stop.</summary>
internal static class Beat
{
    public static async Task<bool> Next(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>Appends numbered lines to a journal file and forces the last one to disk before it goes.</summary>
internal sealed class StoreRole(Arguments arguments) : IRole
{
    public async Task Run(Action ready, CancellationToken stop)
    {
        System.IO.Directory.CreateDirectory(arguments.Directory);
        await using var journal = new FileStream(
            Path.Combine(arguments.Directory, "journal"), FileMode.Append, FileAccess.Write, FileShare.Read);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        ready();
        for (var line = 0L; await Beat.Next(timer, stop); line++)
        {
            journal.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{arguments.Instance} {line}\n")));
            journal.Flush();
        }
        journal.Flush(flushToDisk: true);
    }
}

/// <summary>Accepts lines on a loopback port and answers each with how many it has taken.</summary>
internal sealed class QueueRole(Arguments arguments) : IRole
{
    private long _taken;

    public Task Run(Action ready, CancellationToken stop) =>
        Listener.Serve(IPAddress.Loopback, arguments.QueuePort, ready, _ => $"{Interlocked.Increment(ref _taken)}\n", stop);
}

/// <summary>Hands a job to the queue five times a second, and keeps a child in a session of its own: a tree to be killed.</summary>
internal sealed class WorkerRole(Arguments arguments) : IRole
{
    public async Task Run(Action ready, CancellationToken stop)
    {
        using var child = Process.Start(new ProcessStartInfo("setsid", [Environment.ProcessPath!, "leaf"]))!;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            var isReady = false;
            while (await Beat.Next(timer, stop))
            {
                if (!await Hand() || isReady)
                    continue;
                ready();
                isReady = true;
            }
        }
        finally
        {
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<bool> Hand()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, arguments.QueuePort));
            await socket.SendAsync("job\n"u8.ToArray());
            return await socket.ReceiveAsync(new byte[64]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Does nothing until it is killed: shows whether a program's whole tree dies with it.</summary>
internal sealed class LeafRole : IRole
{
    public async Task Run(Action ready, CancellationToken stop)
    {
        ready();
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await Beat.Next(timer, stop))
        {
        }
    }
}

/// <summary>Serves a counter in the text format of Prometheus.</summary>
internal sealed class MetricsRole(Arguments arguments) : IRole
{
    private long _scrapes;

    public Task Run(Action ready, CancellationToken stop) =>
        Listener.Serve(IPAddress.Loopback, arguments.Port == 0 ? 7002 : arguments.Port, ready,
            _ => Http.Ok($"lab_scrapes_total {Interlocked.Increment(ref _scrapes)}\n"), stop);
}

/// <summary>Answers every HTTP request with the host's name and this instance: what clients come for.</summary>
internal sealed class HttpRole(Arguments arguments) : IRole
{
    public Task Run(Action ready, CancellationToken stop) =>
        Listener.Serve(IPAddress.Any, arguments.Port == 0 ? 8080 : arguments.Port, ready, _ => Http.Ok(arguments.Instance), stop);
}

/// <summary>The little of HTTP/1.1 that the roles speak.</summary>
internal static class Http
{
    public static string Ok(string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";
}
