using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace HaGrpc.Core.Model.Validation;

/// <summary>The checks of the hosts of one group.</summary>
internal static class HostCheckRules
{
    private const int Most = 32;
    private const int Heaviest = 253;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly HostCheck Defaults = new("");

    internal static void Check(ImmutableArray<HostCheck> checks, string path, ICollection<FieldError> errors)
    {
        if (checks.Length > Most)
            errors.Add(new(path, checks.Length.ToString(CultureInfo.InvariantCulture), $"a group has at most {Most} checks"));
        for (var i = 0; i < checks.Length; i++)
        {
            Check(checks[i], $"{path}[{i}]", errors);
            for (var other = 0; other < i; other++)
            {
                if (checks[i].Name.Length == 0 || checks[other].Name != checks[i].Name)
                    continue;
                errors.Add(new($"{path}[{i}].name", checks[i].Name, $"duplicate name: checks[{other}] of this group is called so too"));
                break;
            }
        }
    }

    private static void Check(HostCheck check, string path, ICollection<FieldError> errors)
    {
        NameRules.Check(check.Name, $"{path}.name", "check", errors);
        var (isPing, isExec, isLink) = (check.Ping.Length > 0, !check.Exec.IsEmpty, check.Link.Length > 0);
        if ((isPing ? 1 : 0) + (isExec ? 1 : 0) + (isLink ? 1 : 0) != 1)
            errors.Add(new(path, "", "must say one of ping, exec and link"));
        if (isPing && AddressProblem(check.Ping) is { } wrong)
            errors.Add(new($"{path}.ping", check.Ping, wrong));
        if (isExec)
            HookRules.CheckCommand(check.Exec, $"{path}.exec", errors);
        if (isLink)
            InterfaceRules.Check(check.Link, $"{path}.link", errors);
        if (check.User.Length > 0 && !isExec)
            errors.Add(new($"{path}.user", check.User, "only a command runs as a user"));
        else if (check.User.Length > 0 && ExecutionRules.UserProblem(check.User) is { } user)
            errors.Add(new($"{path}.user", check.User, user));
        if (isLink)
            CheckWatched(check, path, errors);
        else
            CheckAsked(check, path, errors);
        if (check.Weight is 0 or < -Heaviest or > Heaviest)
        {
            errors.Add(new($"{path}.weight", check.Weight.Value.ToString(CultureInfo.InvariantCulture),
                $"must be -{Heaviest} to {Heaviest} and not 0; leave it out when the host cannot run the group without this"));
        }
    }

    private static void CheckAsked(HostCheck check, string path, ICollection<FieldError> errors)
    {
        Duration("interval", check.Interval, ShortestInterval);
        Duration("timeout", check.Timeout, ShortestTimeout);
        Count("rise", check.Rise);
        Count("fall", check.Fall);

        void Duration(string field, TimeSpan value, TimeSpan shortest)
        {
            if (value < shortest || value > Longest)
                errors.Add(new($"{path}.{field}", DurationText.Format(value), $"must be {DurationText.Format(shortest)} to {DurationText.Format(Longest)}"));
        }

        void Count(string field, int value)
        {
            if (value is < 1 or > 100)
                errors.Add(new($"{path}.{field}", value.ToString(CultureInfo.InvariantCulture), "must be 1 to 100"));
        }
    }

    private static void CheckWatched(HostCheck check, string path, ICollection<FieldError> errors)
    {
        Unused("interval", check.Interval == Defaults.Interval, DurationText.Format(check.Interval));
        Unused("timeout", check.Timeout == Defaults.Timeout, DurationText.Format(check.Timeout));
        Unused("rise", check.Rise == Defaults.Rise, check.Rise.ToString(CultureInfo.InvariantCulture));
        Unused("fall", check.Fall == Defaults.Fall, check.Fall.ToString(CultureInfo.InvariantCulture));
        Unused("init_fail", !check.InitFail, "true");

        void Unused(string field, bool isAbsent, string value)
        {
            if (!isAbsent)
                errors.Add(new($"{path}.{field}", value, "leave it out: the kernel tells of a link at once, and nothing is asked or counted"));
        }
    }

    private static string? AddressProblem(string text)
    {
        if (!IpPrefix.TryParseAddress(text, out var address) || address is null)
            return "must be an IP address, for example 10.0.0.1 or 2001:db8::1; names are not looked up";
        if (address.IsIPv6LinkLocal)
            return "a link-local address needs an interface, which cannot be said here: use exec with ping(8)";
        var isOne = !address.IsIPv6Multicast && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            && (address.GetAddressBytes() is not [var first, _, _, _] || first < 224);
        return isOne ? null : "must be the address of one machine";
    }
}
