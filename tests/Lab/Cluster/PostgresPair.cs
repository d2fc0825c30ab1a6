using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Cluster;

/// <summary>A primary and its synchronous standby (rule S4), each on a host of its own. They change places when the standby is promoted.</summary>
internal sealed class PostgresPair : IDisposable
{
    private const string Database = "hagrpc";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly PostgresServer _one;
    private readonly PostgresServer _other;

    public PostgresPair(LabHost one, LabHost other, PostgresPrograms programs)
    {
        _one = new(one, programs);
        _other = new(other, programs);
        Primary = _one;
    }

    public PostgresServer Primary { get; private set; }

    public PostgresServer Standby => Primary == _one ? _other : _one;

    /// <summary>Names both.</summary>
    public string ConnectionString => $"Host={_one.Host.Address},{_other.Host.Address};Username={PostgresServer.User};Database={Database}";

    public async Task Start()
    {
        await Primary.Initialize();
        await Primary.Start();
        await Primary.Ask($"create database {Database}");
        await AddStandby();
    }

    /// <summary>As the operator, or his tool, does it once the primary is gone.</summary>
    public async Task PromoteStandby()
    {
        await Standby.Promote();
        Primary = Standby;
    }

    /// <summary>Copies the primary to the other host, where a former primary may have been: the pair is whole again.</summary>
    public async Task AddStandby()
    {
        await Standby.CopyFrom(Primary);
        await Standby.Start();
        // Only now, and only here: the standby has a copy of the settings, and once promoted has no standby itself.
        await Primary.Ask("alter system set synchronous_standby_names = '*'");
        await Primary.Ask("select pg_reload_conf()");
        await Eventually.Until("the standby is synchronous", Limit, IsSynchronous, () => LabCluster.Tail(Standby.Host, "postgres.log"));
    }

    /// <summary>A commit is confirmed by both.</summary>
    public async Task<bool> IsSynchronous() =>
        await Primary.TryAsk("select count(*) from pg_stat_replication where sync_state = 'sync'") == "1";

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }
}
