using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>The fence device of a host. A registration chooses among the fence agents that are installed, and nothing else that runs.</summary>
internal static class FenceRules
{
    private const int MostOptions = 64;
    private const int LongestValue = 1024;
    private const int LongestName = 63;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly string[] Secrets = ["pass", "passwd", "password", "passphrase", "secret", "token"];
    private static readonly string[] SecretKeys = ["api_key", "secret_key", "access_key", "private_key"];

    internal static void Check(FenceDevice? device, string path, ICollection<FieldError> errors)
    {
        if (device is null)
            return;
        if (!IsAgent(device.Agent))
        {
            errors.Add(new($"{path}.agent", device.Agent,
                "must be the bare name of a fence agent: fence_ and then a to z, 0 to 9 and _, such as fence_ipmilan"));
        }
        if (device.Timeout < Shortest || device.Timeout > Longest)
            errors.Add(new($"{path}.timeout", DurationText.Format(device.Timeout), "must be 1s to 10m"));
        if (device.Options.Count > MostOptions)
        {
            errors.Add(new($"{path}.options", device.Options.Count.ToString(CultureInfo.InvariantCulture),
                $"a fence device has at most {MostOptions} options"));
        }
        foreach (var (name, value) in device.Options)
        {
            // What would be a secret is not shown again.
            if (NameProblem(name) is { } wrong)
                errors.Add(new($"{path}.options.{name}", "", wrong));
            else if (ValueProblem(name, value) is { } problem)
                errors.Add(new($"{path}.options.{name}", value, problem));
        }
    }

    private static bool IsAgent(string name) => name.StartsWith("fence_", StringComparison.Ordinal) && name.Length is > 6 and <= LongestName
        && name.All(IsNameCharacter);

    private static bool IsNameCharacter(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_';

    private static string? NameProblem(string name)
    {
        if (name.Length is 0 or > LongestName || !name.All(IsNameCharacter))
            return "the name of an option has a to z, 0 to 9 and _ only, 63 of them at most";
        if (name is "action" or "option")
            return "what the agent shall do is the field action beside the options";
        if (SecretKeys.Contains(name) || Secrets.Contains(name[(name.LastIndexOf('_') + 1)..]))
        {
            return "a secret must not lie in the database: give password_script (or passwd_script), a script on the control plane's host "
                + "that prints the password";
        }
        // Fence agents run, or write, what these name.
        return name.EndsWith("_path", StringComparison.Ordinal) || name is "ssh_options" or "debug_file"
            ? "it chooses what is run or written on the control plane's host: set it there, not in a manifest"
            : null;
    }

    private static string? ValueProblem(string name, string value)
    {
        if (TextRules.OneLineProblem(value) is { } problem)
            return problem;
        if (value.Length > LongestValue)
            return $"an option has at most {LongestValue} characters";
        if (name.EndsWith("_script", StringComparison.Ordinal) && (!value.StartsWith('/') || value.Split('/').Any(part => part is "." or "..")))
            return "must be the absolute path of a script on the control plane's host, without . and ..";
        return null;
    }
}
