using HaGrpc.Contracts;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class WindowManifestTests
{
    [Theory]
    [InlineData("\"02:00-04:00\"", "02:00-04:00 in UTC")]
    [InlineData("22:30 - 01:00", "22:30-01:00 in UTC")]
    [InlineData("{from: \"02:00\", to: 04:00}", "02:00-04:00 in UTC")]
    [InlineData("{from: \"02:00\", to: \"04:00\", zone: Asia/Shanghai, days: [sun, sat]}", "02:00-04:00 on Saturday, Sunday in Asia/Shanghai")]
    [InlineData("{from: \"02:00\", to: \"04:00\", days: mon}", "02:00-04:00 on Monday in UTC")]
    public void A_window_is_two_times_of_day(string text, string window)
    {
        var manifest = Read.Text(Manifest(text));
        Read.Errors(manifest).ShouldBe("");
        manifest.Request.Groups.Single().ToModel().Failback.Window!.ToString().ShouldBe(window);
    }

    [Theory]
    [InlineData("2-4", "m.yaml:5: groups[0].failback.window: 2-4: write times of day as in \"02:00-04:00\", 00:00 to 23:59, in quotes")]
    [InlineData("\"02:00-24:00\"", "m.yaml:5: groups[0].failback.window: 02:00-24:00: write times of day as in \"02:00-04:00\", 00:00 to 23:59, in quotes")]
    [InlineData("{from: \"02:00\"}", "m.yaml:5: groups[0].failback.window.to: missing: when it shuts, such as \"04:00\"")]
    [InlineData("{from: noon, to: \"04:00\"}", "m.yaml:5: groups[0].failback.window.from: noon: not a time of day; write 00:00 to 23:59, in quotes")]
    [InlineData("{from: \"02:00\", to: \"04:00\", days: [sam]}", "m.yaml:5: groups[0].failback.window.days: sam: must be one of mon, tue, wed, thu, fri, sat, sun")]
    public void What_is_wrong_is_told_with_its_line(string text, string error) => Read.Errors(Manifest(text)).ShouldBe(error);

    private static string Manifest(string window) => $"""
        hosts: [(name: a)]
        groups:
          - name: web
            members: [(host: a, priority: 120)]
            failback: (mode: automatic, window: {window})
        """.Replace('(', '{').Replace(')', '}');
}
