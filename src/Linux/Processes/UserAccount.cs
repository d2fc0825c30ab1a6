using System.Globalization;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>A user as exec needs it.</summary>
/// <param name="Name">Login name.</param>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Id of the login group.</param>
/// <param name="Groups">Every group id, the login group among them.</param>
internal sealed unsafe partial record UserAccount(string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups)
{
    private const int ERANGE = 34;

    /// <summary>Looks a user up by name or number (getpwnam_r(3), getgrouplist(3)); null when there is no such account.</summary>
    public static UserAccount? Find(string user)
    {
        for (var size = 4096; size <= 1 << 20; size *= 4)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                Account account;
                Account* found;
                var error = uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                    ? GetByUid(uid, &account, text, (nuint)size, &found)
                    : GetByName(user, &account, text, (nuint)size, &found);
                if (error == ERANGE)
                    continue;
                if (error != 0 || found is null)
                    return null;
                var name = Marshal.PtrToStringUTF8(account.Name)!;
                return new UserAccount(name, account.Uid, account.Gid, GroupsOf(name, account.Gid));
            }
        }
        return null;
    }

    private static uint[] GroupsOf(string name, uint gid)
    {
        var groups = new uint[64];
        var count = groups.Length;
        if (GetGroups(name, gid, groups, ref count) < 0)
        {
            groups = new uint[count];
            _ = GetGroups(name, gid, groups, ref count);
        }
        return groups[..count];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Account
    {
        public nint Name;
        public nint Password;
        public uint Uid;
        public uint Gid;
        public nint Comment;
        public nint Home;
        public nint Shell;
    }

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetByName(string name, Account* account, byte* buffer, nuint size, Account** found);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    private static partial int GetByUid(uint uid, Account* account, byte* buffer, nuint size, Account** found);

    [LibraryImport("libc", EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroups(string name, uint gid, uint[] groups, ref int count);
}
