using System.Globalization;
using System.Text;

namespace HaGrpc.Ctl.Tests.Fuzzing;

/// <summary>
/// Makes bad inputs of good ones, in an order that a seed fixes, and hands them to what has to bear them. HAGRPC_FUZZ_SEED chooses another order,
/// HAGRPC_FUZZ_SECONDS goes on for so long with each target (<c>scripts/fuzz.sh</c>).
/// </summary>
internal sealed class Fuzz
{
    /// <summary>More than anything here takes on a busy machine. Reaching it is the failure.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>So much may be allocated for one input, all that is let go again counted: 512 MiB, and 4 KiB for each byte of it.</summary>
    private const long MostAllocated = 512 << 20, MostAllocatedPerByte = 4096;

    private const int Usual = 250, LongestInput = 200_000;

    private readonly Random _random;
    private readonly string[] _words;
    private readonly byte[][] _corpus;

    private Fuzz(int seed, string[] corpus, string[] words)
    {
#pragma warning disable CA5394 // Inputs that can be made again, not secrets.
        _random = new(seed);
#pragma warning restore CA5394
        (_corpus, _words) = ([.. corpus.Select(Encoding.UTF8.GetBytes)], words);
    }

    /// <summary>Runs a target.</summary>
    /// <param name="corpus">Good inputs.</param>
    /// <param name="words">What its language is made of.</param>
    /// <param name="target">Must not throw, hang or hoard.</param>
    public static void Run(string[] corpus, string[] words, Action<byte[]> target)
    {
        var seed = Number("HAGRPC_FUZZ_SEED") ?? 1;
        var limit = Number("HAGRPC_FUZZ_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        var fuzz = new Fuzz(seed, corpus, words);
        var begin = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Usual || TimeProvider.System.GetElapsedTime(begin) < limit; i++)
            Bear(fuzz.Next(), target, $"seed {seed}, input {i}");
    }

    /// <summary>Hands one input over.</summary>
    public static void Bear(byte[] input, Action<byte[]> target, string which)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var begin = TimeProvider.System.GetTimestamp();
        try
        {
            target(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{which}, kept as {Keep(input)}: {e.Message}", e);
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var took = TimeProvider.System.GetElapsedTime(begin);
        if (took > Bound)
            Assert.Fail($"{which} of {input.Length} bytes, kept as {Keep(input)}, took {took.TotalSeconds:F1} s");
        if (allocated > MostAllocated + (MostAllocatedPerByte * input.Length))
            Assert.Fail($"{which} of {input.Length} bytes, kept as {Keep(input)}, had {allocated >> 20} MiB allocated");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Keep(byte[] input)
    {
        var file = Path.Combine(Path.GetTempPath(), $"hagrpc-fuzz-{Guid.NewGuid():N}");
        File.WriteAllBytes(file, input);
        return file;
    }

#pragma warning disable CA5394
    private byte[] Next()
    {
        var bytes = _corpus[_random.Next(_corpus.Length)].ToList();
        for (var changes = 1 + _random.Next(12); changes > 0; changes--)
            Change(bytes);
        if (bytes.Count > LongestInput)
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var (from, count) = Part(bytes);
        switch (_random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                bytes.RemoveRange(from, count);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(from, count));
                break;
            case 4:
                bytes.InsertRange(at, Word());
                break;
            case 5:
                // Many of the same: nests what nests, and makes lists of what stands in them.
                bytes.InsertRange(at, Enumerable.Repeat(Word(), 1 << _random.Next(14)).SelectMany(w => w).Take(LongestInput));
                break;
            case 6:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(_random.NextInt64().ToString(CultureInfo.InvariantCulture)));
                break;
            case 7:
                bytes.InsertRange(at, Enumerable.Range(0, _random.Next(64)).Select(_ => (byte)_random.Next(256)));
                break;
            default:
                var other = _corpus[_random.Next(_corpus.Length)];
                bytes.InsertRange(at, other.Take(_random.Next(other.Length)));
                break;
        }
    }

    private byte[] Word() => Encoding.UTF8.GetBytes(_words[_random.Next(_words.Length)]);

    private (int From, int Count) Part(List<byte> bytes)
    {
        var from = _random.Next(bytes.Count + 1);
        return (from, _random.Next(Math.Min(bytes.Count - from, 500) + 1));
    }
#pragma warning restore CA5394
}
