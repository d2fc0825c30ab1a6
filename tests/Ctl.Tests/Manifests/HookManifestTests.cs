using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class HookManifestTests
{
    [Fact]
    public void Hooks_arrive_in_their_order_with_their_defaults()
    {
        var manifest = Read.Text("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                hooks:
                  - {name: mount, events: promote, phase: before, command: [/sbin/mount, /srv/a b], timeout: 30s, user: apps, style: plain}
                  - {name: notify, events: [promote, demote, fault, stop], command: "/etc/ha/notify.sh 'a b'", style: keepalived}
                  - {name: master, events: [promote], command: /etc/ha/master.sh, style: keepalived_state}
            """);
        Read.Errors(manifest).ShouldBe("");
        var hooks = manifest.Request.Groups.Single().ToModel().Hooks;
        hooks.Select(Words).ShouldBe(
        [
            "mount: Promote Before [/sbin/mount|/srv/a b] 30s apps Plain",
            "notify: Promote,Demote,Fault,Stop After [/etc/ha/notify.sh|a b] 10s  Keepalived",
            "master: Promote After [/etc/ha/master.sh] 10s  KeepalivedState",
        ]);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_line() =>
        Read.Errors("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                notify_master: /etc/ha/master.sh
                hooks:
                  - {name: one, events: promoted, command: [tell]}
                  - {name: one, events: [], phase: during, command: []}
                  - {name: two, events: [demote, never], command: "/x 'y", timeout: 5}
                  - {name: three, events: stop, phase: before, command: /x, timeout: 10ms, style: loud, shell: true}
            """).ShouldBe("""
            m.yaml:5: groups[0].notify_master: unknown field; it is one of hooks here, with events: promote and style: keepalived_state
            m.yaml:7: groups[0].hooks[0].events: promoted: must be one of promote, demote, fault, stop
            m.yaml:7: groups[0].hooks[0].command: tell: must begin with an absolute path: nothing is searched for, and no shell reads it
            m.yaml:8: groups[0].hooks[1].phase: during: must be one of before, after
            m.yaml:8: groups[0].hooks[1].events: a hook needs an event: promote, demote, fault or stop, or a list of them
            m.yaml:8: groups[0].hooks[1].command: the command is missing, for example [/usr/local/sbin/tell, --loud]
            m.yaml:8: groups[0].hooks[1].name: one: duplicate name: hooks[0] of this group is called so too
            m.yaml:9: groups[0].hooks[2].timeout: 5: a duration needs its unit: 5s or 5ms
            m.yaml:9: groups[0].hooks[2].events: never: must be one of promote, demote, fault, stop
            m.yaml:9: groups[0].hooks[2].command: /x 'y: the quote ' at position 4 is not closed
            m.yaml:10: groups[0].hooks[3].style: loud: must be one of plain, keepalived, keepalived_state
            m.yaml:10: groups[0].hooks[3].shell: unknown field; known here: command, events, name, phase, style, timeout, user
            m.yaml:10: groups[0].hooks[3].phase: before: there is no before for stop: it runs when that has happened
            m.yaml:10: groups[0].hooks[3].timeout: 10ms: must be 100ms to 1h
            """);

    [Fact]
    public void A_value_of_a_newer_hactl_is_refused_by_name()
    {
        var group = new V1.Group { Name = "web" };
        var hook = new V1.Hook { Name = "h", Phase = (V1.HookPhase)9, Style = (V1.HookStyle)9 };
        hook.Events.Add(V1.HookEvent.Demote);
        hook.Events.Add((V1.HookEvent)9);
        group.Hooks.Add(hook);
        var request = new V1.ApplyRequest();
        request.Groups.Add(group);
        var errors = new List<FieldError>();
        _ = request.ToModel(errors);
        errors.Select(e => e.ToString()).ShouldBe(
        [
            "groups[0].hooks[0].events[1]: 9: this control plane does not know the value; it knows 1 (promote), 2 (demote), 3 (fault) or 4 (stop)",
            "groups[0].hooks[0].phase: 9: this control plane does not know the value; it knows 1 (before) or 2 (after)",
            "groups[0].hooks[0].style: 9: this control plane does not know the value; it knows 1 (plain), 2 (keepalived) or 3 (keepalived_state)",
        ]);
    }

    private static string Words(Hook hook) =>
        $"{hook.Name}: {string.Join(',', hook.Events)} {hook.Phase} [{string.Join('|', hook.Command)}] {DurationText.Format(hook.Timeout)} {hook.User} {hook.Style}";
}
