using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Access;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>Lets in the operator whom <c>ha-controlplane init</c> has made a certificate for, once, as long as nobody else is registered.</summary>
internal sealed partial class FirstAdmin(Store store, IOptions<ControlPlaneOptions> options, TimeProvider time, ILogger<FirstAdmin> log)
{
    private const string By = "ha-controlplane init";

    /// <summary>True when somebody will be let in.</summary>
    public bool IsWaiting => options.Value.Identity.Directory is { Length: > 0 } folder && File.Exists(new IdentityFiles(folder).FirstAdmin);

    /// <summary>Looks, before anybody is served.</summary>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task LetInAsync(long term, CancellationToken ct)
    {
        if (options.Value.Identity.Directory is not { Length: > 0 } folder || Read(new(folder)) is not { } name)
            return;
        var account = new OperatorAccount(name, AccountKind.Certificate, OperatorRole.Admin, [], null, IsDisabled: false);
        var added = new StoredOperator(account, null, null, By, Database.WholeMicroseconds(time.GetUtcNow()));
        var write = await store.Operators.AddAsync(
            added, known => known.IsEmpty ? AccessRules.AdditionProblem([], account, name) : "there are operators already", term, "", ct);
        if (write.IsTermOver)
            return;
        if (write.Problem is { } problem)
            LogLeftOut(log, name, problem);
        else
            LogLetIn(log, name);
        Forget(new(folder));
    }

    private string? Read(IdentityFiles files)
    {
        try
        {
            return File.Exists(files.FirstAdmin) ? File.ReadAllText(files.FirstAdmin).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFile(log, files.FirstAdmin, e.Message);
            return null;
        }
    }

    private void Forget(IdentityFiles files)
    {
        try
        {
            File.Delete(files.FirstAdmin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFile(log, files.FirstAdmin, e.Message);
        }
    }

    [LoggerMessage(1097, LogLevel.Information, "{Name} is the first operator, an admin of everything, by certificate")]
    private static partial void LogLetIn(ILogger log, string name);

    [LoggerMessage(1098, LogLevel.Warning, "{Name}, for whom ha-controlplane init has made a certificate, is not let in by it: {Reason} (hactl operator add)")]
    private static partial void LogLeftOut(ILogger log, string name, string reason);

    [LoggerMessage(1099, LogLevel.Error, "{File} could not be read or removed: {Reason}")]
    private static partial void LogFile(ILogger log, string file, string reason);
}
