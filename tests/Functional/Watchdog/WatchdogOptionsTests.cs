using System.Collections;
using HaGrpc.Agent.Configuration;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>The options of the watchdog.</summary>
public sealed class WatchdogOptionsTests
{
    [Fact]
    public void It_is_off_unless_it_is_wanted()
    {
        Read(out _)!.Watchdog.ShouldBe(new(WatchdogMode.Off, "/dev/watchdog"));
        Read(out _, "--watchdog", "AUTO")!.Watchdog.Mode.ShouldBe(WatchdogMode.Auto);
        Read(out _, "--watchdog=required", "--watchdog-device=/dev/watchdog1")!.Watchdog
            .ShouldBe(new(WatchdogMode.Required, "/dev/watchdog1"));
        var environment = new Hashtable { ["HA_AGENT_WATCHDOG"] = "auto", ["HA_AGENT_WATCHDOGDEVICE"] = "/dev/watchdog2" };
        Read(out _, environment)!.Watchdog.ShouldBe(new(WatchdogMode.Auto, "/dev/watchdog2"));
    }

    [Fact]
    public void It_stands_in_the_file_as_every_option()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{"Watchdog": "required", "WatchdogDevice": "/dev/watchdog1"}""");
            Read(out _, "--config", file)!.Watchdog.ShouldBe(new(WatchdogMode.Required, "/dev/watchdog1"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Mistakes_are_told_at_once()
    {
        Read(out var errors, "--watchdog", "require", "--watchdog-device", "watchdog0").ShouldBeNull();
        errors.ShouldBe(
        [
            "--watchdog: 'require' is not a mode; right would be required",
            "--watchdog-device: 'watchdog0' is not an absolute path; usual is /dev/watchdog",
        ]);
        Read(out errors, "--watchdog", "yes please").ShouldBeNull();
        errors.ShouldBe(["--watchdog: 'yes please' is not a mode; right would be off, auto or required"]);
    }

    private static AgentOptions? Read(out List<string> errors, params string[] more) => Read(out errors, [], more);

    private static AgentOptions? Read(out List<string> errors, Hashtable environment, params string[] more)
    {
        errors = [];
        return OptionsReader.Read(["--control-plane", "http://127.0.0.1:9", "--shim", "/bin/true", .. more], environment, errors);
    }
}
