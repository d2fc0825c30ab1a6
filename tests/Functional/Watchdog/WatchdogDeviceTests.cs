using System.ComponentModel;
using HaGrpc.Linux.Watchdogs;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>The calls to the kernel, against an imitated driver behind a real file; see <see cref="ImitatedWatchdog"/>.</summary>
public sealed class WatchdogDeviceTests
{
    [Fact]
    public async Task It_is_opened_set_petted_and_stopped()
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        using (var device = WatchdogDevice.TryOpen(imitated.Path, out var problem)!)
        {
            (problem, device.Identity, device.Timeout).ShouldBe(("", "Imitated Watchdog", 60));
            WatchdogDevice.TryOpen(imitated.Path, out problem).ShouldBeNull();
            problem.ShouldStartWith($"another process has {imitated.Path} open");
            device.SetTimeout(3).ShouldBe(3);
            device.Pet();
            imitated.Pets.ShouldBe(1);
            device.TryStop().ShouldBeTrue();
        }
        await imitated.UntilCalled("closed");
        imitated.Calls.ShouldBe(["open", "timeout 3", "stop", "may close", "closed"]);
    }

    [Fact]
    public async Task A_close_without_a_stop_leaves_it_ticking()
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        WatchdogDevice.TryOpen(imitated.Path, out _)!.Dispose();
        await imitated.UntilCalled("closed ticking");
    }

    [Fact]
    public void One_that_cannot_be_stopped_stays_open()
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog { NoWayOut = true };
        using var device = WatchdogDevice.TryOpen(imitated.Path, out _)!;
        device.TryStop().ShouldBeFalse();
        device.Pet();
        imitated.IsTicking.ShouldBeTrue();
    }

    [Theory]
    [InlineData(60, 1, 39, 30)]
    [InlineData(5, 4, 300, 5)]
    [InlineData(1, 4, 300, 4)]
    [InlineData(3, 5, 300, 5)]
    public void A_timeout_that_the_driver_refuses_becomes_the_next_one_that_it_takes(int asked, int shortest, int longest, int taken)
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog { Shortest = shortest, Longest = longest };
        using var device = WatchdogDevice.TryOpen(imitated.Path, out _)!;
        device.SetTimeout(asked).ShouldBe(taken);
        device.Timeout.ShouldBe(taken);
    }

    [Fact]
    public void A_timeout_that_is_fixed_stays()
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog { Shortest = 1000, Longest = 1000 };
        using var device = WatchdogDevice.TryOpen(imitated.Path, out _)!;
        device.SetTimeout(1).ShouldBe(60);
    }

    [Fact]
    public void A_pet_that_fails_is_told()
    {
        SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog { IsBroken = true };
        using var device = WatchdogDevice.TryOpen(imitated.Path, out _)!;
        Should.Throw<Win32Exception>(device.Pet).Message.ShouldBe("petting it failed: Input/output error");
    }

    /// <summary>What is not a watchdog is not written to: it may be somebody's file.</summary>
    [Fact]
    public void What_is_no_watchdog_is_told_and_left_as_it_is()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "precious");
            WatchdogDevice.TryOpen(file, out var problem).ShouldBeNull();
            problem.ShouldBe($"{file} is no watchdog: Inappropriate ioctl for device");
            File.ReadAllText(file).ShouldBe("precious");
            WatchdogDevice.TryOpen(file + ".none", out problem).ShouldBeNull();
            problem.ShouldBe($"there is no {file}.none: load the driver of this machine's watchdog, or softdog");
            WatchdogDevice.TryOpen(Path.GetDirectoryName(file)!, out problem).ShouldBeNull();
            problem.ShouldEndWith("cannot be opened: Is a directory");
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static void SkipWithoutFuse() => Assert.SkipUnless(FuseFile.Obstacle.Length == 0, FuseFile.Obstacle);
}
