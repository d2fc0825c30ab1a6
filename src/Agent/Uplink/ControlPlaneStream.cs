using Grpc.Core;
using HaGrpc.Agent.Logs;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Peers;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux.Processes;
using HaGrpc.V1;

namespace HaGrpc.Agent.Uplink;

/// <summary>One accepted stream: writes what the <see cref="Outbox"/> holds, hands what comes to the ownership loop.</summary>
/// <param name="call">The call; Welcome has been read.</param>
/// <param name="streamId">Ours, rising: answers of older streams are dropped by it (rule L2). The control plane's own
/// number may come twice when there are several control planes.</param>
/// <param name="outbox">What is sent.</param>
/// <param name="asks">Questions that wait for their answers.</param>
/// <param name="logs">Logs that operators read.</param>
/// <param name="peers">Other agents.</param>
/// <param name="endpoint">Where the control plane is.</param>
/// <param name="loop">Who decides.</param>
internal sealed class ControlPlaneStream(
    AsyncDuplexStreamingCall<AttachRequest, AttachResponse> call,
    long streamId,
    Outbox outbox,
    DesiredStateAsks asks,
    LogReaders logs,
    PeerLink peers,
    Uri endpoint,
    OwnershipLoop loop)
{
    /// <summary>True once a heartbeat was answered.</summary>
    public bool Answered { get; private set; }

    /// <summary>Called when a takeover is to be rehearsed. Must not wait.</summary>
    public required Action<RehearsalAsked> Rehearse { get; init; }

    /// <summary>Called when it is asked what this host sees of a group. Must not wait.</summary>
    public required Action<ObservationAsked> Look { get; init; }

    /// <summary>Called with what the owner of a group has in its directories. Must not wait.</summary>
    public required Action<OwnersDirectories> Compare { get; init; }

    /// <summary>Called when clients are to be counted. Must not wait.</summary>
    public required Action<ClientsAsked> CountClients { get; init; }

    /// <summary>Runs until the stream ends.</summary>
    /// <param name="drop">Ends it.</param>
    /// <exception cref="RpcException">How it ended; also with status OK.</exception>
    /// <exception cref="InvalidDataException">The control plane broke the protocol.</exception>
    public async Task RunAsync(CancellationTokenSource drop)
    {
        outbox.StreamOpened();
        asks.Opened();
        logs.Opened(endpoint);
        loop.Post(new StreamOpened(streamId));
        var writing = WriteAsync(drop.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(drop.Token))
                Handle(call.ResponseStream.Current);
            throw new RpcException(call.GetStatus());
        }
        finally
        {
            loop.Post(new StreamClosed(streamId));
            asks.Closed();
            logs.Closed();
            await drop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        while (true)
        {
            while (outbox.TakeNext() is { } message)
                await call.RequestStream.WriteAsync(message, cancellation);
            if (outbox.Closed)
            {
                await call.RequestStream.CompleteAsync();
                return;
            }
            await outbox.WaitAsync(cancellation);
        }
    }

    // Beside this thread: a directory service may take its time.
    private void Answer(AccountsAsked asked) => _ = Task.Run(() =>
    {
        var known = new AccountsKnown { Id = asked.Id };
        known.Unknown.AddRange(asked.Users.Where(user => UserAccount.Find(user) is null));
        outbox.Post(known);
    });

    private void Handle(AttachResponse message)
    {
        switch (message.MessageCase)
        {
            case AttachResponse.MessageOneofCase.HeartbeatAnswer:
                Answered = true;
                outbox.Confirm(message.HeartbeatAnswer.Seq);
                loop.PostMessage(new AnswerReceived(streamId, message.HeartbeatAnswer.ToModel()));
                break;
            case AttachResponse.MessageOneofCase.Promote:
                var promote = message.Promote;
                loop.PostMessage(new PromoteReceived(
                    streamId, promote.Group, promote.Epoch, promote.Reason, promote.FormerIsOver));
                break;
            case AttachResponse.MessageOneofCase.SealAsked:
                loop.PostMessage(new Core.Ownership.SealAsked(streamId, message.SealAsked.Group, message.SealAsked.Epoch));
                break;
            case AttachResponse.MessageOneofCase.Configuration:
                peers.Learn(message.Configuration);
                loop.Configure(message.Configuration);
                break;
            case AttachResponse.MessageOneofCase.DesiredStateAnswer:
                asks.Answered(message.DesiredStateAnswer);
                break;
            case AttachResponse.MessageOneofCase.LogWanted:
                logs.Wanted(message.LogWanted);
                break;
            case AttachResponse.MessageOneofCase.LogEnough:
                logs.Enough(message.LogEnough.Id);
                break;
            case AttachResponse.MessageOneofCase.AccountsAsked:
                Answer(message.AccountsAsked);
                break;
            case AttachResponse.MessageOneofCase.RehearsalAsked:
                Rehearse(message.RehearsalAsked);
                break;
            case AttachResponse.MessageOneofCase.ObservationAsked:
                Look(message.ObservationAsked);
                break;
            case AttachResponse.MessageOneofCase.OwnersDirectories:
                Compare(message.OwnersDirectories);
                break;
            case AttachResponse.MessageOneofCase.ClientsAsked:
                CountClients(message.ClientsAsked);
                break;
            case AttachResponse.MessageOneofCase.Welcome:
                throw new InvalidDataException("it sent a second Welcome");
            default:
                // A newer control plane may say more than we understand.
                break;
        }
    }
}
