using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using HaGrpc.ControlPlane.Leader;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>What every call of operators passes: no change is made that is not written down.</summary>
internal sealed class OperatorGate(AuditJournal journal, LeaderSeat seat) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        OperatorCalls.Find(context.Method) is { } call
            ? PassAsync(call, (IMessage)request, context, () => continuation(request, context))
            : continuation(request, context);

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (OperatorCalls.Find(context.Method) is not { } call)
            return continuation(request, responseStream, context);
        return PassAsync(call, (IMessage)request, context, async () =>
        {
            await continuation(request, responseStream, context);
            return (object?)null;
        });
    }

    private async Task<T> PassAsync<T>(OperatorCall call, IMessage request, ServerCallContext context, Func<Task<T>> carryOut)
    {
        if (!call.IsAudited(request))
            return await carryOut();
        // A control plane that does not lead refuses every change: nothing is done, and nothing is written.
        var tenure = seat.Demand();
        var asked = await journal.AskAsync(call, request, Caller.Of(context), tenure, context.CancellationToken);
        try
        {
            var response = await carryOut();
            var answer = response as IMessage;
            var failure = answer is null ? "" : call.Failure(answer);
            await EndAsync(failure.Length > 0 ? StatusCode.InvalidArgument : StatusCode.OK, failure, answer);
            return response;
        }
        catch (RpcException e)
        {
            await EndAsync(e.StatusCode, e.Status.Detail, answer: null);
            throw;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            await EndAsync(StatusCode.Cancelled, "whoever asked did not wait for the end; what was begun goes on", answer: null);
            throw;
        }
#pragma warning disable CA1031 // Whatever it is: that the call has ended is written down before it goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await EndAsync(StatusCode.Unknown, e.Message, answer: null);
            throw;
        }

        Task EndAsync(StatusCode status, string detail, IMessage? answer) =>
            journal.EndAsync(asked, StatusName.Of(status), detail, answer, AuditNotes.Of(context).ToJson());
    }
}
