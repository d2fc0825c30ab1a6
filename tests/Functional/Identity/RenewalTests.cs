using HaGrpc.Agent.Identity;
using HaGrpc.Agent.Uplink;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary>Certificates that are renewed while they are used. The wall clock of both sides is a fake one, behind the machine's: what is issued later
/// by the fake clock must be valid by the machine's, which is TLS's.</summary>
public sealed class RenewalTests
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(62));

    [Fact]
    public async Task At_two_thirds_of_its_life_a_certificate_is_renewed_and_the_stream_goes_on()
    {
        await using var fleet = await Fleet.StartAtAsync(_time);
        await fleet.RegisterAsync("a");
        var files = await JoinedAsync(fleet);
        var stream = await fleet.AttachAsync("a", files.Tls);
        await stream.BeatAsync();
        var before = await File.ReadAllTextAsync(files.Certificate);
        await using var renewal = new Running(files, fleet, _time);

        _time.Advance(TimeSpan.FromDays(59));
        (await File.ReadAllTextAsync(files.Certificate)).ShouldBe(before, "it is early");
        _time.Advance(TimeSpan.FromDays(1.1));

        await PassingAsync(() => renewal.Says("This host's certificate was renewed"), "it is renewed");
        var after = await File.ReadAllTextAsync(files.Certificate);
        after.ShouldNotBe(before);
        File.GetUnixFileMode(files.Certificate).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await stream.BeatAsync();
        (await fleet.AttachAsync("a", files.Tls, stream.Hello)).Hello.ShouldBe(stream.Hello, "it is let in with the new one");
        using var own = files.Read();
        (await fleet.HactlAsync("host", "certificates", "a", "-o", "json")).Out.ShouldContain($"\"serial\": \"{own.SerialNumber.ToLowerInvariant()}\"");
        var table = (await fleet.HactlAsync("host", "certificates", "a")).Out;
        (table.Contains("join", StringComparison.Ordinal), table.Contains("renewal", StringComparison.Ordinal)).ShouldBe((true, true));
        _time.Advance(TimeSpan.FromHours(2));
        (await File.ReadAllTextAsync(files.Certificate)).ShouldBe(after, "once");
    }

    [Fact]
    public async Task A_renewal_that_fails_is_told_once_and_tried_again()
    {
        await using var fleet = await Fleet.StartAtAsync(_time);
        var files = await JoinedAsync(fleet);
        _time.Advance(TimeSpan.FromDays(60.5));
        await using var renewal = new Running(files, fleet, _time);
        await renewal.SaysAsync("could not be renewed, it is tried again: " + new Uri(fleet.Plane.GrpcUrl) + ": host 'a' is not registered");

        await fleet.RegisterAsync("a");
        await PassingAsync(() => renewal.Says("was renewed"), "it is tried again");
        renewal.Lines.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_control_planes_own_certificate_is_renewed_and_shown_to_new_connections()
    {
        await using var fleet = await Fleet.StartAtAsync(_time);
        var before = await File.ReadAllTextAsync(fleet.Files.Server);
        (await fleet.HactlAsync("whoami")).Code.ShouldBe(0);

        // Two thirds of a year: what is issued now would not be valid yet by the machine's clock.
        using (var server = fleet.Files.Authority()!.Certificate)
            server.NotAfter.ShouldBeGreaterThan(_time.GetUtcNow().UtcDateTime);
        _time.Advance(TimeSpan.FromDays(244));

        await PassingAsync(() => File.ReadAllText(fleet.Files.Server) != before, "it is renewed");
        var run = await fleet.HactlAsync("whoami");
        (run.Code, run.Error).ShouldBe((7, run.Error));
        run.Error.ShouldContain("is valid from", customMessage: "the new one is shown, from the future");
    }

    /// <summary>Waits while time passes: whoever has looked at the clock just before it was moved begins to wait after it, for up to an hour.</summary>
    private Task PassingAsync(Func<bool> holds, string what) => Until.HoldsAsync(
        () =>
        {
            if (!holds())
                _time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(holds());
        },
        what);

    private static async Task<HaGrpc.Agent.Identity.IdentityFiles> JoinedAsync(Fleet fleet)
    {
        var joined = await fleet.JoinAsync("a", await fleet.TokenAsync("a"), fleet.Plane.Service<TimeProvider>());
        joined.Code.ShouldBe(0, joined.Error);
        return joined.Files;
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CollectedLog<CertificateRenewal> _log = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Running(HaGrpc.Agent.Identity.IdentityFiles files, Fleet fleet, TimeProvider time) => _running =
            new CertificateRenewal(files, new Endpoints(files.Tls), [new Uri(fleet.Plane.GrpcUrl)], time, _log).RunAsync(_stop.Token);

        public IReadOnlyCollection<string> Lines => _log.Lines;

        public bool Says(string text) => Lines.Any(l => l.Contains(text, StringComparison.Ordinal));

        public Task SaysAsync(string text) => Until.HoldsAsync(() => Task.FromResult(Says(text)), $"{text}\n{string.Join('\n', Lines)}");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
