using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HaGrpc.LabProgram;

/// <summary>One request, one answer, one connection: as little as a probe every few milliseconds needs.</summary>
internal static class Listener
{
    public static async Task Serve(
        IPAddress address, int port, Action ready, Func<string, string> answer, CancellationToken stop)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen(512);
        ready();
        while (true)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            _ = Answer(connection, answer);
        }
    }

    private static async Task Answer(Socket connection, Func<string, string> answer)
    {
        using var _ = connection;
        try
        {
            var buffer = new byte[1024];
            var length = await connection.ReceiveAsync(buffer);
            if (length == 0)
                return;
            await connection.SendAsync(Encoding.UTF8.GetBytes(answer(Encoding.UTF8.GetString(buffer, 0, length))));
            connection.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The client has gone; its next probe is another connection.
        }
    }
}
