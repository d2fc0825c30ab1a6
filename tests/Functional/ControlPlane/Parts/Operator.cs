using System.Text;
using HaGrpc.Ctl;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>An operator at hactl, in this process.</summary>
internal static class Operator
{
    public static Task<Run> RunAsync(string url, params string[] arguments) => RunWithAsync(url, "", arguments);

    /// <summary>As somebody with a token.</summary>
    public static Task<Run> RunAsTokenAsync(string url, string token, params string[] arguments) => RunWithAsync(url, "", arguments, token);

    /// <summary>With something on standard input.</summary>
    public static Task<Run> RunWithAsync(string url, string input, params string[] arguments) => RunWithAsync(url, input, arguments, token: null);

    private static async Task<Run> RunWithAsync(string url, string input, string[] arguments, string? token)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var bytes = new MemoryStream();
        using var stdin = new StringReader(input);
        var surroundings = new Surroundings(
            stdin, output, error, TimeProvider.System, name => name == "HACTL_ENDPOINT" ? url : name == "USER" ? "wu" : name == "HACTL_TOKEN" ? token : null)
        {
            Bytes = bytes,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Hactl.RunAsync(arguments, surroundings, limit.Token);
        if (await Task.WhenAny(running, Task.Delay(2 * Until.Bound, TestContext.Current.CancellationToken)) != running)
        {
            await limit.CancelAsync();
            throw new TimeoutException($"hactl {string.Join(' ', arguments)}: no end within {2 * Until.Bound.TotalSeconds} s");
        }
        var code = await running;
        return new(code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    internal sealed record Run(int Code, string Out, string Error);
}
