using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>Somebody with curl.</summary>
internal sealed class RestClient : IDisposable
{
    private readonly HttpClient _client;

    public RestClient(string url, TestAuthority? authority = null, (string Certificate, string Key)? certificate = null)
    {
#pragma warning disable CA2000 // The client disposes of it.
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
#pragma warning restore CA2000
        if (authority is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(authority.RootFile));
        }
        if (certificate is var (file, key))
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(file, key)];
        _client = new(handler) { BaseAddress = new(url) };
    }

    public Version Version { get; init; } = HttpVersion.Version11;

    public string? Token { get; init; }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = Request(method, path, content);
        headers?.Invoke(request.Headers);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(
            (int)response.StatusCode, response.Version, text,
            response.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The lines of an answer that does not end.</summary>
    public async IAsyncEnumerable<JsonElement> LinesAsync(string path, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var request = Request(HttpMethod.Get, path, null);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        ((int)response.StatusCode).ShouldBe(200);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        while (await reader.ReadLineAsync(ct) is { } line)
            yield return JsonDocument.Parse(line).RootElement;
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, path) { Version = Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        if (Token is not null)
            request.Headers.Authorization = new("Bearer", Token);
        return request;
    }

    internal sealed record Answer(int Status, Version Version, string Text, IReadOnlyDictionary<string, string> Headers)
    {
        public JsonElement Json => JsonDocument.Parse(Text).RootElement;

        public string Message => Json.GetProperty("message").GetString()!;
    }
}
