using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class DirectoryManifestTests
{
    [Fact]
    public void Directories_arrive_in_their_order_with_their_defaults()
    {
        var manifest = Read.Text("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                directories:
                  - {path: /srv/app, exclude: ["*.log", cache/, /var/tmp], max_lag: 1h}
                  - path: /etc/app
            """);
        Read.Errors(manifest).ShouldBe("");
        manifest.Request.Groups.Single().ToModel().Directories
            .Select(d => $"{d.Path} [{string.Join('|', d.Exclude)}] {DurationText.Format(d.MaxLag)}")
            .ShouldBe(["/srv/app [*.log|cache/|/var/tmp] 1h", "/etc/app [] 10m"]);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_line() =>
        Read.Errors("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                directories:
                  - {path: srv/app, exclude: ["[ab]", "**/x", "a/../b", "/"]}
                  - {exclude: cache, max_lag: 10}
                  - {path: /srv/app/, max_lag: 0s, delete: true}
                  - {path: /srv}
                  - {path: /srv/lib, max_lag: 200h}
                  - {path: /proc/1}
                  - {path: /proc/1}
                  - {path: /}
            """).ShouldBe("""
            m.yaml:6: groups[0].directories[0].path: srv/app: must be an absolute path: it begins with a slash
            m.yaml:6: groups[0].directories[0].exclude[0]: [ab]: must not contain [, ] or \: only * and ? stand for other characters
            m.yaml:6: groups[0].directories[0].exclude[1]: **/x: must not contain **: a pattern without a slash is looked for at every depth
            m.yaml:6: groups[0].directories[0].exclude[2]: a/../b: must have no empty part, . or .. in it: it is compared with the path below the directory, for example var/cache/
            m.yaml:6: groups[0].directories[0].exclude[3]: /: must name something, for example *.log or cache/
            m.yaml:7: groups[0].directories[1].max_lag: 10: a duration needs its unit: 10s or 10ms
            m.yaml:7: groups[0].directories[1].exclude: cache: must be a list: lines that begin with '- ', or [a, b]
            m.yaml:7: groups[0].directories[1].path: a directory needs a path, for example /srv/app
            m.yaml:8: groups[0].directories[2].delete: unknown field; known here: exclude, max_lag, path
            m.yaml:8: groups[0].directories[2].path: /srv/app/: must have no empty part, . or .. in it, and no slash at its end, for example /srv/app
            m.yaml:8: groups[0].directories[2].max_lag: 0s: must be 1s to 168h
            m.yaml:9: groups[0].directories[3].path: /srv: has in it directories[2] of this group (/srv/app/): name one of them only
            m.yaml:10: groups[0].directories[4].max_lag: 200h: must be 1s to 168h
            m.yaml:10: groups[0].directories[4].path: /srv/lib: lies in directories[3] of this group (/srv): name one of them only
            m.yaml:11: groups[0].directories[5].path: /proc/1: must not be the kernel's: every host has its own there
            m.yaml:12: groups[0].directories[6].path: /proc/1: must not be the kernel's: every host has its own there
            m.yaml:12: groups[0].directories[6].path: /proc/1: is directories[5] of this group (/proc/1): name one of them only
            m.yaml:13: groups[0].directories[7].path: /: must be less than the whole host
            """);
}
