using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HaGrpc.Core.Guard;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>
/// Confirmations: what was shown to whom, sealed with a key of this process. Nothing is kept for them. They do not outlive the process, nor count at
/// another control plane: whoever asks there sees first what it would hit there.
/// </summary>
internal sealed class ConfirmationSeal(TimeProvider time)
{
    private const int TimeBytes = sizeof(long);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Makes one.</summary>
    /// <param name="shown">What it is about, and to whom it was shown.</param>
    public string Make(Shown shown) => Seal(time.GetTimestamp(), shown);

    /// <summary>For how long one counts: while who has read it remembers, or as long as an approval, where it is for many calls.</summary>
    public static TimeSpan LifetimeOf(GuardedAct act) => GuardedActs.Of(act).IsInSteps ? Approval.Lifetime : TimeSpan.FromMinutes(5);

    /// <summary>Why a confirmation does not count; null when it does.</summary>
    /// <param name="confirmation">It.</param>
    /// <param name="shown">What it has to be about, and to whom it has to have been shown.</param>
    /// <param name="lifetime">For how long it counts.</param>
    public string? Problem(string confirmation, Shown shown, TimeSpan lifetime)
    {
        Span<byte> bytes = stackalloc byte[TimeBytes + HMACSHA256.HashSizeInBytes];
        if (confirmation.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.TryDecodeFromChars(confirmation, bytes, out var length) || length != bytes.Length)
            return "it is none of this control plane";
        // The monotonic clock of this process, as the key is its own.
        var made = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var isTrue = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Seal(made, shown)), Encoding.ASCII.GetBytes(confirmation));
        return !isTrue ? "it is about something else, or what it would hit has changed since"
            : time.GetElapsedTime(made) >= lifetime ? $"it is older than {lifetime.TotalMinutes:F0} minutes"
            : null;
    }

    private string Seal(long made, Shown shown)
    {
        Span<byte> bytes = stackalloc byte[TimeBytes + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, made);
        _ = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{made}\n{shown.Digest}\n{shown.Fingerprint}\n{shown.Caller}"), bytes[TimeBytes..]);
        return Base64Url.EncodeToString(bytes);
    }
}

/// <summary>What was shown to whom.</summary>
/// <param name="Caller">To whom.</param>
/// <param name="Digest">Of the call with all that it says.</param>
/// <param name="Fingerprint">Of what it would hit.</param>
internal sealed record Shown(string Caller, string Digest, string Fingerprint);
