using System.Net.Sockets;
using System.Threading.Channels;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;
using Npgsql;

namespace HaGrpc.Storage.Tests;

/// <summary>What one control plane hears of another one's writes, and which server it writes to.</summary>
public sealed class ChangeNoticeTests(PostgresCluster cluster) : StoreContract(new PostgresDatabases(cluster))
{
    [Fact]
    public async Task Writes_of_another_store_are_heard_when_they_are_committed_and_renewals_are_not()
    {
        using var over = new CancellationTokenSource();
        var heard = Channel.CreateUnbounded<ChangeTopic>();
        var listening = new TaskCompletionSource();
        var hearing = Open().ListenAsync(listening.SetResult, topic => heard.Writer.TryWrite(topic), over.Token);
        await listening.Task;

        var term = await LeadAsync();
        (await NextAsync()).ShouldBe(ChangeTopic.Leadership);
        await Store.Leadership.RenewAsync(term);
        await Store.Events.AppendAsync([new EventRecord { Kind = "Test", Message = "one" }]);
        (await NextAsync()).ShouldBe(ChangeTopic.History);
        await Store.Leadership.ReleaseAsync(term);
        (await NextAsync()).ShouldBe(ChangeTopic.Leadership);

        await over.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => hearing);

        async Task<ChangeTopic> NextAsync() => await heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_listener_that_is_cut_off_says_so()
    {
        var listening = new TaskCompletionSource();
        var hearing = Open().ListenAsync(listening.SetResult, static _ => { });
        await listening.Task;

        await Databases.ExecuteAsync(
            Options, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query in ('listen hagrpc', 'select 1')");

        (await Should.ThrowAsync<StorageException>(() => hearing.WaitAsync(TimeSpan.FromSeconds(60)))).Message.ShouldContain("57P01");
    }

    /// <summary>It takes connections and never answers: Npgsql alone would wait for its whole connect timeout, each time.</summary>
    [Fact]
    public async Task A_first_server_that_hangs_holds_nobody_up_and_a_dead_one_neither()
    {
        var directory = Directory.CreateTempSubdirectory("hagrpc-hang-");
        try
        {
            using var hanging = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            hanging.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory.FullName, ".s.PGSQL.5432")));
            hanging.Listen();
            var settings = new NpgsqlConnectionStringBuilder(Options.Postgres);
            settings.Host = $"{directory.FullName},/nonexistent,{settings.Host}";
            await using var store = Store.Open(new() { Postgres = settings.ConnectionString }, TimeProvider.System);

            // Both before and after it has found the right one; the timeout of this string is a minute.
            for (var i = 0; i < 3; i++)
                (await store.CheckAsync().WaitAsync(TimeSpan.FromSeconds(30))).Ready.ShouldBeTrue();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_primary_each_server_is_named_with_its_reason()
    {
        await using var store = Store.Open(new() { Postgres = "Host=/nonexistent/a,127.0.0.1:1;Username=x;Database=y" }, TimeProvider.System);

        var health = await store.CheckAsync();

        health.Ready.ShouldBeFalse();
        health.Detail.ShouldStartWith("PostgreSQL at /nonexistent/a:5432, 127.0.0.1:1, database y, user x: none of the servers accepts writes: ");
        health.Detail.ShouldContain("/nonexistent/a:5432: cannot reach the server");
        health.Detail.ShouldContain("127.0.0.1:1: cannot reach the server");
    }
}

/// <summary>SQLite has no second control plane that could be told.</summary>
public sealed class NoChangeNoticeOnSqlite() : StoreContract(new SqliteDatabases())
{
    [Fact]
    public async Task Listening_ends_at_once() =>
        await Store.ListenAsync(static () => throw new InvalidOperationException("nobody listens"), static _ => { });
}
