using System.Text;

namespace HaGrpc.Core.Model.Validation;

/// <summary>A virtual IP by itself.</summary>
internal static class VipRules
{
    internal static void Check(Vip vip, string path, ICollection<FieldError> errors)
    {
        var prefix = CheckAddress(vip.Address, $"{path}.address", errors);
        InterfaceRules.Check(vip.Interface, $"{path}.interface", errors);
        if (vip.Label.Length > 0 && LabelProblem(vip, prefix) is { } problem)
            errors.Add(new($"{path}.label", vip.Label, problem));
        if (vip.Script.Length > 0 && ScriptProblem(vip.Script) is { } wrong)
            errors.Add(new($"{path}.script", vip.Script, wrong));
    }

    private static string? ScriptProblem(string script) => script.StartsWith('/')
        ? TextRules.LinesProblem(script)
        : "must be an absolute path, for example /usr/local/sbin/claim-vip: nothing is searched for, and it has no arguments of its own";

    private static IpPrefix? CheckAddress(string text, string path, ICollection<FieldError> errors)
    {
        if (AddressProblem(text, out var prefix) is { } problem)
            errors.Add(new(path, text, problem));
        return prefix;
    }

    private static string? AddressProblem(string text, out IpPrefix? prefix)
    {
        prefix = null;
        if (text.Length == 0)
            return "the address is missing, for example 192.0.2.10/32";
        if (IpPrefix.TryParseAddress(text, out var bare) && bare is not null)
        {
            var whole = new IpPrefix(bare, 0).AddressBits;
            return $"the prefix length is missing: write {text}/{whole}, or the length of the interface's network";
        }
        if (!IpPrefix.TryParse(text, out prefix) || prefix is null)
            return "not an address with a prefix length, for example 192.0.2.10/32 or 2001:db8::10/128";
        if (prefix.Length == 0)
            return "prefix length 0 is the whole Internet; use the length of the interface's network";
        var first = prefix.Address.GetAddressBytes()[0];
        if (prefix.IsV6 ? first == 0xff : first >= 224)
            return "a multicast or reserved address cannot be a virtual IP";
        if (prefix.Address.GetAddressBytes().All(b => b == 0))
            return "the unspecified address cannot be a virtual IP";
        if (prefix.IsV6 || prefix.Length > 30)
            return null;
        if (prefix.Address.Equals(prefix.Network))
            return $"this is the network's own address (host bits are zero); a host address in {prefix} is needed";
        return prefix.Address.Equals(prefix.Last) ? "this is the network's broadcast address" : null;
    }

    /// <summary>A label (IFA_LABEL, rtnetlink(7)) exists for IPv4 only; ifconfig and scripts rely on its shape.</summary>
    private static string? LabelProblem(Vip vip, IpPrefix? prefix)
    {
        if (prefix is { IsV6: true })
            return "an IPv6 address has no label; leave it out";
        if (!vip.Label.StartsWith(vip.Interface + ":", StringComparison.Ordinal))
            return $"a label begins with the interface's name and a colon: {vip.Interface}:…";
        if (vip.Label.Length == vip.Interface.Length + 1)
            return $"the label ends after the colon; for example {vip.Label}vip";
        var bytes = Encoding.UTF8.GetByteCount(vip.Label);
        if (bytes > InterfaceRules.LongestBytes)
            return $"a label has at most {InterfaceRules.LongestBytes} bytes, this one has {bytes}";
        return vip.Label.Any(c => c == '/' || char.IsWhiteSpace(c) || char.IsControl(c))
            ? "a label has no slash and no white space"
            : null;
    }
}
