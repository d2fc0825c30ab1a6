using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Access;
using HaGrpc.Core.Identity;
using Microsoft.Net.Http.Headers;

namespace HaGrpc.ControlPlane.Access;

/// <summary>
/// Who makes a call, and whether they may. Accounts are read from the database for each call, so that one that was removed is so at once,
/// on every control plane; while the database is away, or does not answer, those that were read last count: nobody can change them then.
/// </summary>
internal sealed partial class AccessDesk(Store store, LeaderSeat seat, TimeProvider time, ILogger<AccessDesk> log)
{
    private const string Bearer = "Bearer ";
    private const int MostShown = 100;

    // A database that hangs answers nobody, and lists come from memory: they do not wait until its command times out.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // In a box of its own: read and written by calls at the same time.
    private volatile StrongBox<ImmutableArray<StoredOperator>>? _last;

    /// <summary>The accounts; none: everybody may do everything.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: they could not be read, now or ever.</exception>
    public async Task<ImmutableArray<StoredOperator>> AccountsAsync(CancellationToken ct)
    {
        try
        {
            var reading = ReadAsync(ct);
            return _last is null ? await reading : await reading.WaitAsync(Patience, time, ct);
        }
        catch (Exception e) when (e is StorageException or TimeoutException)
        {
            return _last is { } last
                ? last.Value
                : throw new RpcException(new Status(StatusCode.Unavailable, $"who may do what cannot be read: {e.Message}"));
        }
    }

    private async Task<ImmutableArray<StoredOperator>> ReadAsync(CancellationToken ct)
    {
        var accounts = await store.Operators.ReadAsync(ct);
        _last = new(accounts);
        return accounts;
    }

    /// <summary>Who makes a call.</summary>
    public Caller Recognise(ServerCallContext context, ImmutableArray<StoredOperator> accounts)
    {
        var http = context.GetHttpContext();
        var certificate = http.Connection.ClientCertificate;
        var names = certificate is null ? CertificateClaim.None : CertificateNames.ClaimOf(certificate);
        var caller = new Caller(certificate is null ? CallerKind.Address : CallerKind.Certificate, Peer.Lasting(context), Peer.Of(context))
        {
            CertificateName = names.Operator,
            AgentOf = names.Host,
        };
        if (accounts.IsEmpty)
            return caller;
        var header = http.Request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length > 0)
        {
            var isPrivate = http.Request.IsHttps || (http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address));
            return ByToken(caller, header, isPrivate, accounts);
        }
        if (names.Host is { } host)
            return caller with { Problem = $"the certificate is of the agent of host {Shown(host)}: operators need a token or a certificate of their own" };
        if (names.Operator is not { } name)
            return caller with { Problem = "there is neither a token nor a client certificate with a name" };
        return accounts.FirstOrDefault(a => a.Account is { Kind: AccountKind.Certificate } && a.Account.Name == name) is { } found
            ? WithAccount(caller, found)
            : caller with { Problem = $"the certificate names {Shown(name)}, which is no operator here (hactl operator add)" };
    }

    /// <summary>Refuses a call that its caller may not make.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED or PERMISSION_DENIED, with who was recognised and what is missing.</exception>
    public async Task DemandAsync(
        OperatorCall call, Google.Protobuf.IMessage request, Caller caller, bool isOpen, CancellationToken ct)
    {
        var role = call.Role(request);
        if (role == OperatorRole.None)
            return;
        if (caller.AgentOf is { } host)
        {
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, $"this certificate is of the agent of host {Shown(host)}: agents may not do what operators do"));
        }
        if (isOpen)
            return;
        if (caller.Account is not { } account)
            throw new RpcException(new Status(StatusCode.Unauthenticated, $"nobody is recognised: {caller.Problem}"));
        var about = call.About(request);
        if (AccessRules.Denial(account, role, await TouchedAsync(about, account, ct), Shown(about)) is { } denial)
        {
            LogDenied(log, call.Name, caller.Address, denial);
            throw new RpcException(new Status(StatusCode.PermissionDenied, denial));
        }
    }

    private Caller ByToken(Caller caller, string header, bool isPrivate, ImmutableArray<StoredOperator> accounts)
    {
        if (!isPrivate)
            return caller with { Problem = "a token counts only over TLS or on this machine: this one can have been read on its way, replace it" };
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || OperatorToken.Parse(header[Bearer.Length..].Trim()) is not { } token)
            return caller with { Problem = "authorization holds no token of an operator (Bearer hagrpc1op.ID.SECRET)" };
        // Whether the id or the secret is wrong makes no difference to whoever tries.
        return accounts.FirstOrDefault(a => a.TokenId == token.Id) is { TokenHash: { } hash } found && token.Fits(hash)
            ? WithAccount(caller with { Kind = CallerKind.Token, Name = $"token/{found.Account.Name}" }, found)
            : caller with { Problem = "the token is not known here: it was removed, or is of another control plane" };
    }

    private Caller WithAccount(Caller caller, StoredOperator found) => found.Account.Obstacle(time.GetUtcNow()) is { } obstacle
        ? caller with { Problem = $"this is the account {found.Account.Name}, and {obstacle}" }
        : caller with { Account = found.Account };

    private static string Shown(string name) => ForeignText.Visible(name, MostShown);

    private static string Shown(ImmutableArray<CallObject> about) => about.FirstOrDefault() switch
    {
        { Kind: CallObjectKind.Host, Name: var host } => about.Length > 1 ? $"host {Shown(host)} and {about.Length - 1} more" : $"host {Shown(host)}",
        { Kind: CallObjectKind.Approval, Name: var id } => $"approval {Shown(id)}",
        { Kind: CallObjectKind.All } when about.Length > 0 => "all groups",
        _ => "this",
    };

    /// <summary>Which groups a call is about; only looked up where the account is not for all of them.</summary>
    private async Task<TouchedGroups> TouchedAsync(ImmutableArray<CallObject> about, OperatorAccount account, CancellationToken ct)
    {
        var isEverything = about.Any(o => o.Kind is CallObjectKind.Everything or CallObjectKind.Operator);
        var names = about.Select(o => o.GroupName).Where(g => g.Length > 0);
        if (isEverything || account.Groups.IsEmpty || !about.Any(o => o.Kind is CallObjectKind.Host or CallObjectKind.All))
            return new(isEverything, [.. names.Distinct(StringComparer.Ordinal)]);
        var groups = (seat.Current?.Registry.Current ?? await store.Registry.ReadAsync(ct)).Groups.Select(g => g.Spec).ToArray();
        var touched = names.ToHashSet(StringComparer.Ordinal);
        foreach (var item in about)
        {
            var covered = item.Kind switch
            {
                CallObjectKind.All => groups,
                CallObjectKind.Host => groups.Where(g => g.Members.Any(m => m.Host == item.Name)).ToArray(),
                _ => null,
            };
            // A host without groups may get any.
            isEverything |= covered is { Length: 0 };
            touched.UnionWith(covered?.Select(g => g.Name) ?? []);
        }
        return new(isEverything, [.. touched]);
    }

    [LoggerMessage(1084, LogLevel.Information, "{Call} from {Address} was refused: {Reason}")]
    private static partial void LogDenied(ILogger log, string call, string address, string reason);
}
