using System.CommandLine;
using Grpc.Core;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary>Runs a command against the control plane and turns what can go wrong into a message and an exit code.</summary>
internal sealed class CommandRunner(GlobalOptions options, Surroundings surroundings)
{
    /// <summary>How long a call that only reads or stores may take. Calls that wait for programs have no limit, as
    /// supervisorctl's have none: keep-alive pings notice a dead link.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    internal Surroundings Surroundings { get; } = surroundings;

    /// <summary>Makes <paramref name="body"/> the action of <paramref name="command"/>.</summary>
    /// <param name="command">Gets the action.</param>
    /// <param name="body">Returns the exit code.</param>
    /// <param name="whenUnreachable">The exit code when no control plane answers.</param>
    /// <param name="whenRefused">The exit code when the control plane refuses.</param>
    internal void Attach(
        Command command, Func<Call, Task<int>> body, int whenUnreachable = ExitCode.NotRunning, int whenRefused = ExitCode.Refused) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var endpoints = options.Endpoints(parsed, Surroundings);
                using var own = Surroundings.Kept is null ? ControlPlane.To(endpoints) : null;
                var controlPlane = own ?? Surroundings.Kept!.To(endpoints);
                var shown = Surroundings with { Out = options.PageOf(parsed, Surroundings) };
                var call = new Call(parsed, controlPlane, shown, options.Json(parsed), options.JsonLines(parsed), cancellation)
                {
                    ErrorInk = options.ErrorInk(parsed, Surroundings),
                };
                try
                {
                    return await body(call).ConfigureAwait(false);
                }
                catch (Exception e) when (
                    cancellation.IsCancellationRequested && e is RpcException or OperationCanceledException)
                {
                    return ExitCode.Interrupted;
                }
                catch (RpcException failure)
                {
                    var (unreachable, badInput, message) = CallFailure.Explain(failure, controlPlane.Endpoint);
                    Surroundings.Error.Tell($"hactl: {message}");
                    return unreachable ? whenUnreachable : badInput ? ExitCode.BadInput : whenRefused;
                }
            }
            catch (UsageException usage)
            {
                Surroundings.Error.Tell($"hactl: {usage.Message}");
                return ExitCode.BadInput;
            }
        });

    /// <summary>One run of a command.</summary>
    /// <param name="Parsed">Its arguments.</param>
    /// <param name="ControlPlane">Whom to ask.</param>
    /// <param name="Surroundings">Where results go.</param>
    /// <param name="Json">True when they are for machines.</param>
    /// <param name="JsonLines">True when they are to be one object a line.</param>
    /// <param name="Cancellation">Ctrl-C.</param>
    internal sealed record Call(
        ParseResult Parsed,
        ControlPlane ControlPlane,
        Surroundings Surroundings,
        bool Json,
        bool JsonLines,
        CancellationToken Cancellation)
    {
        internal TextWriter Out => Surroundings.Out;

        /// <summary>Colours of what goes to standard error.</summary>
        internal Ink ErrorInk { get; init; } = Ink.None;

        /// <summary>True when tables have all their columns.</summary>
        internal bool IsWide => Page.Of(Out).IsWide;

        /// <summary>Tells the operator what an answer is not.</summary>
        internal void Say(Phrase what) => Say(what.ToString());

        /// <summary>Tells the operator what an answer is not; nothing when there is nothing.</summary>
        internal void Say(string what)
        {
            if (what.Length > 0)
                Surroundings.Error.Tell($"hactl: {Speech.Of(what)}");
        }

        /// <summary>For calls that answer at once.</summary>
        internal CallOptions Short => Within(CallTimeout);

        /// <summary>For calls that wait for programs or events.</summary>
        internal CallOptions Patient => new(cancellationToken: Cancellation);

        internal CallOptions Within(TimeSpan timeout) => new(
            // gRPC counts a deadline on the system's clock, whatever clock the output uses.
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime + timeout,
            cancellationToken: Cancellation);

        /// <summary>The reason that goes into the history: the operator's, or who typed the command.</summary>
        internal string Reason(string? given, string command)
        {
            if (!string.IsNullOrWhiteSpace(given))
                return given;
            var user = Surroundings.Variable("SUDO_USER") ?? Surroundings.Variable("USER") ?? "an operator";
            return $"hactl {command} by {user}";
        }
    }
}
