using System.Text;

namespace HaGrpc.Core.Model.Validation;

/// <summary>Names of network interfaces, as the kernel's dev_valid_name() takes them.</summary>
internal static class InterfaceRules
{
    /// <summary>IFNAMSIZ without its terminating zero; labels have the same limit.</summary>
    internal const int LongestBytes = 15;

    internal static void Check(string name, string path, ICollection<FieldError> errors)
    {
        if (name.Length == 0)
            errors.Add(new(path, "", "the name of the network interface is missing, for example eth0"));
        else if (Encoding.UTF8.GetByteCount(name) > LongestBytes)
            errors.Add(new(path, name, $"an interface's name has at most {LongestBytes} bytes"));
        else if (name is "." or ".." || name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c)))
            errors.Add(new(path, name, "not an interface's name: no slash, colon or white space (a label goes into 'label')"));
    }
}
