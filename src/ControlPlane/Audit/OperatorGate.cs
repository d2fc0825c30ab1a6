using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using HaGrpc.ControlPlane.Access;
using HaGrpc.ControlPlane.Guard;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Access;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>What every call of operators passes: nobody does what they may not or without what is
/// demanded before it, and no change is made that is not written down.</summary>
internal sealed class OperatorGate(AuditJournal journal, AccessDesk desk, GuardDesk guard, LeaderSeat seat) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (OperatorCalls.Find(context.Method) is not { } call)
            return continuation(request, context);
        return PassAsync(call, (IMessage)request, context, async account =>
        {
            var response = await continuation(request, context);
            if (account is { Groups.IsEmpty: false })
                ScopedView.Trim(response, account);
            return response;
        });
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (OperatorCalls.Find(context.Method) is not { } call)
            return continuation(request, responseStream, context);
        return PassAsync(call, (IMessage)request, context, async account =>
        {
            var stream = account is { Groups.IsEmpty: false } ? new ScopedView.Writer<TResponse>(responseStream, account) : responseStream;
            await continuation(request, stream, context);
            return (object?)null;
        });
    }

    private async Task<T> PassAsync<T>(OperatorCall call, IMessage request, ServerCallContext context, Func<OperatorAccount?, Task<T>> carryOut)
    {
        // A control plane that does not lead refuses every change: nothing is done, and nothing is written.
        var tenure = call.IsAudited(request) ? seat.Demand() : null;
        if (call.Role(request) == OperatorRole.None && tenure is null)
            return await carryOut(null); // Also while nobody knows who may do what.
        var accounts = await desk.AccountsAsync(context.CancellationToken);
        var caller = desk.Recognise(context, accounts);
        caller.Note(context);
        try
        {
            await desk.DemandAsync(call, request, caller, accounts.IsEmpty, context.CancellationToken);
            if (tenure is not null)
                await guard.DemandAsync(new(call, request, caller, accounts), tenure, context);
        }
        catch (RpcException e) when (tenure is not null)
        {
            await journal.RefuseAsync(call, request, caller, tenure, StatusName.Of(e.StatusCode), e.Status.Detail);
            throw;
        }
        if (tenure is null)
            return await carryOut(caller.Account);
        var asked = await journal.AskAsync(call, request, caller, tenure, context.CancellationToken);
        try
        {
            var response = await carryOut(caller.Account);
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
