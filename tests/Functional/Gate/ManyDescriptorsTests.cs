using HaGrpc.Functional.Tests.Network;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>
/// Rule W3 on a host with hundreds of programs: libnftables waits by select(2), for which a descriptor above 1023 is the end of the
/// whole process.
/// </summary>
public sealed class ManyDescriptorsTests
{
    private const int AboveSelect = 1200;

    [Fact]
    public void The_gate_is_installed_anew_with_more_than_a_thousand_descriptors_open()
    {
        using var wire = new HostOnWire();
        var network = wire.OpenNetwork();
        List<FileStream> held = [];
        try
        {
            while (held.Count < AboveSelect)
                held.Add(new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));
            held[^1].SafeFileHandle.DangerousGetHandle().ToInt64().ShouldBeGreaterThan(1024);
            wire.Host.Do(() => network.Prepare(HostOnWire.Vips).ToString()).ShouldBe("");
            network.GateAvailable.ShouldBeTrue(network.GateReason);
        }
        finally
        {
            held.ForEach(file => file.Dispose());
        }
    }
}
